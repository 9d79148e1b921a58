"""Checks for leftovers of killed processes and for an interrupted rollback."""

from __future__ import annotations

from pathlib import Path

from checks.evidence import Evidence
from checks.verdict import Level, Verdict
from checks.wording import duration

CLEARED_S = 2 * 3600.0  # a daemon removes them with its next checkpoint, and every hour


def check(evidence: Evidence) -> Verdict:
    """WARNING for hidden files of dead processes or an interrupted rollback."""
    if evidence.leftovers is None:
        text = "backup folder unknown: no usable configuration"
        return Verdict("leftovers", Level.UNKNOWN, text)
    found = [
        leftover
        for leftover in evidence.leftovers
        if not evidence.lock_held or evidence.age_s(leftover.since_s) > CLEARED_S
    ]
    if evidence.rollback_problem and not evidence.lock_held:
        return Verdict("leftovers", Level.WARNING, evidence.rollback_problem)
    if not found:
        return Verdict("leftovers", Level.OK, "none")
    oldest = min(found, key=lambda leftover: leftover.since_s)
    of_run = Path(oldest.path).parent.name == "runs"
    remover = "`landerctl runs rm`" if of_run else "`landerctl backup prune`"
    text = (
        f"a killed process left {oldest.path} {duration(evidence.age_s(oldest.since_s))} ago"
        f"{f' and {len(found) - 1} more' if len(found) > 1 else ''}: nothing visible is damaged, "
        f"remove with {remover}"
    )
    return Verdict("leftovers", Level.WARNING, text)
