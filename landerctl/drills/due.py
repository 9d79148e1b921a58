"""Which drills are due. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from checks.checklist.facts import Facts
from checks.checklist.judge import DAY_S, stale
from checks.checklist.model import MEASURED, Bound, Drill
from checks.checklist.table.all import LINES

EARLY = 0.8  # share of its validity after which evidence is renewed


def due(facts: Facts, drills: Iterable[str]) -> list[str]:
    """Those of the drills whose evidence is missing, of something else, or soon too old.

    Missing is also what the last one could not measure; what it measured and found failing is
    not: it fails again until something changes.
    """
    bounds: dict[str, set[Bound]] = {}
    for line in LINES:
        if isinstance(line.judge, Drill):
            bounds.setdefault(line.judge.name, set()).update(line.judge.bound)
    return [name for name in drills if _is_due(facts, name, bounds.get(name, set(MEASURED)))]


def _is_due(facts: Facts, name: str, bound: set[Bound]) -> bool:
    record = facts.ledger.newest("drill", name)
    if record is None or any(finding.holds is None for finding in record.entry.findings):
        return True
    if stale(record, facts, sorted(bound)):
        return True
    age_s = facts.evidence.age_s(record.entry.time_s)
    return age_s > EARLY * facts.limits.evidence_days * DAY_S
