"""What the ledger says of the current run's deployment, and the notes about it. Pure."""

from __future__ import annotations

import msgspec

from checks.checklist.facts import Facts
from checks.checklist.ledger.record import Record
from daemon.protocol.finding import Figure
from daemon.rollback.incident_log import local_time

GO, NO_GO, OVERRIDE = "GO", "NO-GO", "override"  # subjects of records of kind "golive"
CONFIGURATION, SUCCESS_RATE = "configuration", "initial_success_rate"  # figures of those


class Deployment(msgspec.Struct, frozen=True):
    """The first go-live of a run: by a GO, or over a NO-GO. Texts; empty: not known then."""

    time_s: float  # Unix
    date: str
    by: str
    configuration: str
    success_rate: str
    overridden: bool
    why: str = ""  # of the override


def deployment(facts: Facts) -> Deployment | None:
    """The current run's deployment; None if it was not deployed."""
    for record in facts.ledger.records:
        entry = record.entry
        if entry.kind == "golive" and entry.subject != NO_GO and _is_of_run(record, facts):
            return Deployment(
                time_s=entry.time_s,
                date=local_time(entry.time_s),
                by=entry.by,
                configuration=_text(entry.figures.get(CONFIGURATION)),
                success_rate=_text(entry.figures.get(SUCCESS_RATE)),
                overridden=entry.subject == OVERRIDE,
                why=entry.text if entry.subject == OVERRIDE else "",
            )
    return None


def overrides(facts: Facts) -> list[Record]:
    """Every go-live over a NO-GO, of any run, the oldest first."""
    return [
        record
        for record in facts.ledger.records
        if record.entry.kind == "golive" and record.entry.subject == OVERRIDE
    ]


def free_notes(facts: Facts) -> list[Record]:
    """The notes about the current run, the oldest first."""
    return [
        record
        for record in facts.ledger.records
        if record.entry.kind == "note" and _is_of_run(record, facts)
    ]


def _is_of_run(record: Record, facts: Facts) -> bool:
    return facts.address.run is not None and record.entry.address.run == facts.address.run


def _text(figure: Figure) -> str:
    return "" if figure is None else str(figure)
