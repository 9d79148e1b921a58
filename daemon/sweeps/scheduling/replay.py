"""Decide again what a sweep's scheduler decided, each time from what it had seen then."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from daemon.sweeps.records import Decision, Leg, Trial, TrialState
from daemon.sweeps.scheduling.scheduler import Scheduler, Verdict
from daemon.sweeps.spec.schema import SweepSpec

VERDICTS = frozenset({"continue", "stop", "fork"})


class Difference(Struct, frozen=True):
    """A decision that would not be made again."""

    decision: Decision
    again: str  # what is decided now: "continue", "stop", "fork", or "nothing"
    reason: str


def differences(
    spec: SweepSpec,
    scheduler: Scheduler,
    trials: Sequence[Trial],
    legs: Sequence[Leg],
    decisions: Sequence[Decision],
) -> list[Difference]:
    """The decisions of a sweep's store that its scheduler does not make again; none is expected.

    Each is made from the trials as they were then: known from the decisions before it and the legs
    that it had seen.
    """
    found: list[Difference] = []
    past = _Past(spec, scheduler, trials, legs)
    last_proposal = max((one.number for one in decisions if one.kind == "propose"), default=0)
    for decision in decisions:
        if decision.kind in VERDICTS:
            verdicts = scheduler.decide(
                past.trials(decision.seen),
                legs[: decision.seen],
                all_proposed=decision.number > last_proposal,
            )
            again = next((one for one in verdicts if one.trial == decision.trial), None)
            if again is None:
                found.append(Difference(decision, "nothing", ""))
            elif (again.kind, again.steps, again.reason) != (
                decision.kind,
                decision.steps,
                decision.reason,
            ) or (again.kind == "fork" and not past.has_fork(again)):
                found.append(Difference(decision, again.kind, again.reason))
        past.apply(decision)
    return found


class _Past:
    """The trials of a sweep as they were at a decision."""

    def __init__(
        self, spec: SweepSpec, scheduler: Scheduler, trials: Sequence[Trial], legs: Sequence[Leg]
    ) -> None:
        self._last_steps = spec.limits.steps
        self._rungs = scheduler.rungs
        self._final = {one.number: one for one in trials}
        self._end_of = {(leg.trial, leg.steps): place for place, leg in enumerate(legs, start=1)}
        self._trials: dict[int, Trial] = {}

    def apply(self, decision: Decision) -> None:
        """Take a decision into account."""
        final, rungs = self._final[decision.trial], self._rungs
        match decision.kind:
            case "propose":
                self._trials[final.number] = replace(
                    final, state=TrialState.RUNNING, target_steps=rungs[0]
                )
            case "continue":
                self._trials[final.number] = replace(
                    self._trials[final.number],
                    state=TrialState.RUNNING,
                    target_steps=rungs[rungs.index(decision.steps) + 1],
                )
            case "stop" | "fork" | "fail":
                state = TrialState.FAILED if decision.kind == "fail" else TrialState.STOPPED
                self._trials[final.number] = replace(self._trials[final.number], state=state)
        if decision.kind == "fork":
            next_steps = rungs[rungs.index(decision.steps) + 1]
            child = replace(self._next(), state=TrialState.RUNNING, target_steps=next_steps)
            self._trials[child.number] = child

    def has_fork(self, verdict: Verdict) -> bool:
        """Whether the next new trial is the fork that a verdict asks for."""
        child = self._next()
        return (child.parent, child.values) == (verdict.parent, verdict.values)

    def _next(self) -> Trial:
        return self._final[len(self._trials)]

    def trials(self, seen: int) -> list[Trial]:
        """The trials when `seen` legs had ended, by number."""
        return [self._when(self._trials[number], seen) for number in sorted(self._trials)]

    def _when(self, trial: Trial, seen: int) -> Trial:
        if trial.state is not TrialState.RUNNING:
            return trial
        place = self._end_of.get((trial.number, trial.target_steps))
        if place is not None and place <= seen:
            last = trial.target_steps >= self._last_steps
            return replace(trial, state=TrialState.COMPLETED if last else TrialState.PAUSED)
        if place is None and self._final[trial.number].state is TrialState.STOPPED:
            return replace(trial, state=TrialState.STOPPED)  # a limit of the sweep was reached
        return trial
