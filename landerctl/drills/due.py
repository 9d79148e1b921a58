"""Which drills are due: their evidence is missing, of something else, or soon too old. Pure."""

from __future__ import annotations

from checks.checklist.facts import Facts
from checks.checklist.judge import DAY_S, stale
from checks.checklist.model import Drill
from checks.checklist.table.all import LINES

EARLY = 0.8  # share of its validity after which evidence is renewed


def due(facts: Facts) -> list[str]:
    """The names of the drills that are due, in the table's order."""
    found: dict[str, bool] = {}
    for line in LINES:
        if isinstance(line.judge, Drill):
            name = line.judge.name
            record = facts.ledger.newest("drill", name)
            is_due = (
                record is None
                or bool(stale(record, facts, line.judge.bound))
                or facts.evidence.age_s(record.entry.time_s)
                > EARLY * facts.limits.evidence_days * DAY_S
            )
            found[name] = found.get(name, False) or is_due
    return [name for name, is_due in found.items() if is_due]
