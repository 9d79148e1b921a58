"""The incidents: what is in incidents.md and in the ledger, and whether each is closed. Pure.

| State  | How it comes about                                                    |
|--------|-----------------------------------------------------------------------|
| open   | an entry in incidents.md, by a rollback, a person or `incident open`; |
|        | or a record of kind "incident" that does not hold, with its title     |
| closed | a record of kind "incident" that holds, with the cause                |

A record remains when somebody removes the entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from checks.checklist.facts import Facts
from checks.checklist.ledger.ledger import Ledger
from checks.checklist.ledger.record import Record
from daemon.rollback.incident_log import LoggedIncident

KIND: Literal["incident"] = "incident"


class Incident(msgspec.Struct, frozen=True):
    """One incident. Times: Unix, s."""

    id: str
    title: str
    time_s: float | None
    text: str = ""  # what incidents.md says of it
    closed_s: float | None = None  # None: it is open
    by: str = ""  # who closed it
    cause: str = ""


def incidents(facts: Facts) -> list[Incident] | None:
    """All incidents, the oldest first; None if incidents.md cannot be read."""
    if facts.incident_log is None:
        return None
    return known_incidents(facts.incident_log, facts.ledger)


def known_incidents(log: Sequence[LoggedIncident], ledger: Ledger) -> list[Incident]:
    """All incidents of incidents.md and the ledger, the oldest first."""
    found = {one.id: Incident(one.id, one.title, one.time_s, one.text) for one in log}
    for record in ledger.records:
        if record.entry.kind == KIND:
            found[record.entry.subject] = _after(record, found.get(record.entry.subject))
    return sorted(found.values(), key=lambda one: one.time_s or 0.0)


def open_incidents(facts: Facts) -> list[Incident] | None:
    """Those that are not closed; None if incidents.md cannot be read."""
    every = incidents(facts)
    return None if every is None else [one for one in every if one.closed_s is None]


def _after(record: Record, known: Incident | None) -> Incident:
    entry = record.entry
    if not entry.holds:
        return known or Incident(entry.subject, entry.text, entry.time_s)
    known = known or Incident(entry.subject, "(its entry was removed)", None)
    return msgspec.structs.replace(known, closed_s=entry.time_s, by=entry.by, cause=entry.text)
