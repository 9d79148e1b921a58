"""The table of checks, in the order in which `landerctl check` runs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from checks.evidence import Evidence
from checks.milestones import first_day, first_hour
from checks.rules import (
    alerts,
    backup,
    checklist,
    checkpoint,
    clock,
    daemon_alive,
    disk,
    heartbeat,
    leftovers,
    memory,
    notices,
    progress,
    store,
    throughput,
    trainer,
)
from checks.verdict import Level, Verdict

Check = Callable[[Evidence], Verdict]

CHECKS: dict[str, Check] = {
    "daemon": daemon_alive.check,
    "trainer": trainer.check,
    "heartbeat": heartbeat.check,
    "progress": progress.check,
    "throughput": throughput.check,
    "memory": memory.check,
    "disk": disk.check,
    "checkpoint": checkpoint.check,
    "backup": backup.check,
    "leftovers": leftovers.check,
    "alerts": alerts.check,
    "notices": notices.check,
    "store": store.check,
    "clock": clock.check,
    "first-hour": first_hour.check,
    "first-day": first_day.check,
    "checklist": checklist.check,
}
# Before it goes live a run has lines that fail: it is checked only when named.
ONLY_NAMED = ("checklist",)
DEFAULT = tuple(name for name in CHECKS if name not in ONLY_NAMED)
NEED_HISTORY = ("first-hour", "first-day")  # need Evidence.history


def run_checks(evidence: Evidence, names: Sequence[str] = ()) -> list[Verdict]:
    """The verdicts of the named checks, or of DEFAULT. Raises KeyError for an unknown name."""
    if problem := evidence.home_problem:
        return [Verdict(name, Level.UNKNOWN, problem) for name in names or DEFAULT]
    return [CHECKS[name](evidence) for name in names or DEFAULT]
