"""What happens to a trial: pure functions of it and of what was reported or decided.

| While it is RUNNING, its engine reports | It is then |
|---|---|
| nothing new | RUNNING, with its progress |
| reached, before the last rung | PAUSED, until the scheduler decides |
| reached, at limits.steps | COMPLETED |
| stopped | WAITING, to be continued from its state folder |
| lost, after it had trained further than before | WAITING, to be continued from its newest backup |
| lost, and had not | as crashed |
| crashed, limits.attempts not reached | WAITING, after a delay that doubles |
| crashed too often | FAILED |

A report of an older epoch, or of a trial that is not RUNNING, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from daemon.sweeps.engines.engine import EndKind, TrialReport
from daemon.sweeps.records import Leg, Trial, TrialState
from daemon.sweeps.scheduling.scheduler import Verdict
from daemon.sweeps.spec.schema import Limits

FIRST_DELAY_S, LONGEST_DELAY_S = 10.0, 600.0


class Before(NamedTuple):
    """Seconds for which a trial had trained, when its leg and when its present placement began."""

    leg_s: float
    placement_s: float


class Outcome(NamedTuple):
    """A trial after a report, and the leg that it ended."""

    trial: Trial
    leg: Leg | None = None


def after_report(
    trial: Trial, report: TrialReport, before: Before, limits: Limits, now_s: float
) -> Outcome:
    """The trial after a report (time `now_s`, Unix); the same object if nothing changes."""
    if trial.state is not TrialState.RUNNING or report.epoch != trial.epoch:
        return Outcome(trial)
    seen = replace(
        trial,
        steps=report.steps or trial.steps,  # fewer: restored from a backup
        run_id=report.run_id or trial.run_id,
        place=report.place or trial.place,
        latest=report.metrics or trial.latest,
        reason=report.reason,
        running_s=before.placement_s + report.running_s,
    )
    if report.ended is None:
        return Outcome(trial if seen == trial else seen)
    ended = replace(seen, **_ENDS[report.ended](seen, report, limits))
    if report.ended != "reached":
        return Outcome(ended)
    leg = Leg(
        trial=trial.number,
        steps=trial.target_steps,  # rollouts are whole: it may have trained a little further
        values=report.values,
        running_s=ended.running_s - before.leg_s,
        time_s=now_s,
        machine=report.machine,
    )
    return Outcome(ended, leg)


def _reached(trial: Trial, report: TrialReport, limits: Limits) -> dict[str, Any]:
    last = trial.target_steps >= limits.steps
    return {
        "state": TrialState.COMPLETED if last else TrialState.PAUSED,
        "latest": report.values,
        "reason": "all steps trained" if last else "waits at its rung",
    }


def _stopped(_trial: Trial, report: TrialReport, _limits: Limits) -> dict[str, Any]:
    return {"state": TrialState.WAITING, "reason": report.reason or "stopped, continues"}


def _lost(trial: Trial, report: TrialReport, limits: Limits) -> dict[str, Any]:
    reason = report.reason or "its node is gone"
    if trial.steps > trial.placed_steps:
        return {"state": TrialState.WAITING, "place": "", "reason": reason}
    # Where nodes go sooner than it gets further, it would be tried without end.
    text = f"{reason}; it had trained no further"
    return {"place": ""} | _crashed(trial, replace(report, reason=text), limits)


def _crashed(trial: Trial, report: TrialReport, limits: Limits) -> dict[str, Any]:
    attempts = trial.attempts + 1
    reason = report.reason or "crashed"
    if attempts < limits.attempts:
        again = f"{reason} (attempt {attempts} of {limits.attempts}, tried again)"
        return {"state": TrialState.WAITING, "attempts": attempts, "reason": again}
    given_up = f"{reason} (given up after {attempts} attempts)"
    return {"state": TrialState.FAILED, "attempts": attempts, "reason": given_up}


_ENDS: Mapping[EndKind, Callable[[Trial, TrialReport, Limits], dict[str, Any]]] = {
    "reached": _reached,
    "stopped": _stopped,
    "crashed": _crashed,
    "lost": _lost,
}


def started(trial: Trial) -> Trial:
    """A waiting trial whose next leg begins, in a new epoch."""
    return replace(
        trial,
        state=TrialState.RUNNING,
        epoch=trial.epoch + 1,
        placed_steps=trial.steps,
        reason="",
    )


def waiting_again(trial: Trial, reason: str) -> Trial:
    """A running trial whose leg was not ended by a report."""
    return replace(trial, state=TrialState.WAITING, reason=reason)


def ended_early(trial: Trial, reason: str) -> Trial:
    """A waiting or paused trial that will not continue."""
    return replace(trial, state=TrialState.STOPPED, reason=reason)


def cannot_fly(trial: Trial, reason: str) -> Trial:
    """A waiting trial whose values are no configuration."""
    return replace(trial, state=TrialState.FAILED, reason=reason)


def after_verdict(trial: Trial, verdict: Verdict) -> Trial:
    """A paused trial after the scheduler's verdict. "fork": another one takes its place."""
    if verdict.kind != "continue":
        return ended_early(trial, verdict.reason)
    return replace(
        trial,
        state=TrialState.WAITING,
        target_steps=verdict.target_steps,
        reason=verdict.reason,
    )


def forked(trial: Trial, verdict: Verdict, number: int, fork_from: str) -> Trial:
    """The trial that takes the place of a stopped one, with the state of a better one."""
    return Trial(
        number=number,
        group=number,  # no other trial has its values
        values=verdict.values,
        seed=trial.seed,
        target_steps=verdict.target_steps,
        steps=verdict.steps,
        parent=verdict.parent,
        fork_from=fork_from,
        forked_steps=verdict.steps,
        reason=f"a fork of trial {verdict.parent} at {verdict.steps:,} steps, in place of trial "
        f"{trial.number}",
    )


def start_order(trial: Trial) -> tuple[int, int]:
    """Key of the order in which waiting trials start: the furthest first, then by number."""
    return -trial.target_steps, trial.number


def delay_s(attempts: int) -> float:
    """Seconds until a trial that has failed so often is tried again."""
    return min(FIRST_DELAY_S * 2.0 ** max(0, attempts - 1), LONGEST_DELAY_S)
