"""Facts of a healthy training without evidence in its ledger, which each test modifies."""

from __future__ import annotations

from functools import cache

import msgspec

from checks.checklist.collected.sources import source_digests
from checks.checklist.facts import Facts
from checks.checklist.judge import DAY_S
from checks.checklist.ledger.ledger import Ledger
from checks.checklist.ledger.record import Address, Entry, Record
from checks.checklist.ledger.sealing import seal
from checks.checklist.model import Bound, Drill, Fixed, Line, Person
from checks.checklist.table.all import LINES
from daemon.config import load_config
from daemon.config.schema import ChecklistSettings
from daemon.protocol.finding import Finding
from tests.checks.evidence_samples import NOW_S, healthy

ADDRESS = Address("1.0", "configuration-1", "machine-1", "run-1", "settings-1")


def facts(*entries: Entry, address: Address = ADDRESS) -> Facts:
    """Facts at NOW_S with these entries in the ledger."""
    limits = limits_of_defaults()
    return Facts(
        now_s=NOW_S,
        address=address,
        limits=limits,
        defaults=limits,
        evidence=healthy(),
        ledger=Ledger(sealed(*entries)),
        sources=digests(),
    )


@cache
def limits_of_defaults() -> ChecklistSettings:
    return load_config(None).config.checklist


@cache
def digests() -> dict[str, str]:
    return source_digests(LINES)


def sealed(*entries: Entry) -> tuple[Record, ...]:
    """The records of these entries."""
    records: list[Record] = []
    for entry in entries:
        records.append(seal(entry, records[-1] if records else None))
    return tuple(records)


def proof(line: Line, *, time_s: float = NOW_S - DAY_S, address: Address = ADDRESS) -> Entry:
    """What the ledger has to contain for a drilled, fixed or said line to hold."""
    match line.judge:
        case Drill(name=name, finding=key):
            found = (Finding(key, True, "measured"),)
            return Entry(kind="drill", subject=name, time_s=time_s, address=address, findings=found)
        case Fixed():
            figures = {"sources": digests()[line.id]}
            found = (Finding(line.id, True, "its tests pass", dict(figures)),)
            return Entry(
                kind="drill",
                subject="environment",
                time_s=time_s,
                address=address,
                findings=found,
            )
        case Person(subject=subject):
            return Entry(kind="signoff", subject=subject, time_s=time_s, address=address, by="Ada")
    raise AssertionError(line.id)


def bound_of(line: Line) -> tuple[Bound, ...]:
    """The parts of an address in which the line's evidence must agree with now."""
    match line.judge:
        case Drill(bound=bound) | Person(bound=bound):
            return bound
        case Fixed():
            return ("version", "machine")
    raise AssertionError(line.id)


def elsewhere(part: Bound) -> Address:
    """The address of another version, machine, run or configuration."""
    return msgspec.structs.replace(ADDRESS, **{part: "another"})


RECORDED = [line for line in LINES if isinstance(line.judge, Drill | Fixed | Person)]
