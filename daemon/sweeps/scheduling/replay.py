"""Decide again what a sweep's scheduler and sampler decided, from what they had seen then."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from daemon.sweeps.records import Decision, Leg, Trial, TrialState
from daemon.sweeps.scheduling.scheduler import Scheduler, Verdict
from daemon.sweeps.search.propose import Proposal, propose
from daemon.sweeps.spec.schema import SweepSpec

VERDICTS = frozenset({"continue", "stop", "fork"})
REPLAYED = VERDICTS | {"propose"}  # kinds of decisions that are made again


class Difference(Struct, frozen=True):
    """A decision that would not be made again."""

    decision: Decision
    again: str  # what is decided now: a kind of decision, or "nothing"
    reason: str


def differences(
    spec: SweepSpec,
    scheduler: Scheduler,
    trials: Sequence[Trial],
    legs: Sequence[Leg],
    decisions: Sequence[Decision],
) -> list[Difference]:
    """The decisions of a sweep's store that are not made again; none is expected.

    Each is made from the trials as they were then: known from the decisions before it and the legs
    that it had seen. Raises SearchError: the sampler needs what is not installed.
    """
    found: list[Difference] = []
    past = _Past(spec, scheduler, trials, legs)
    last_proposal = max((one.number for one in decisions if one.kind == "propose"), default=0)
    verdicts: dict[int, Verdict] = {}
    for decision in decisions:
        past.see(decision.seen)
        if decision.kind in VERDICTS:
            again = verdicts.get(decision.trial)
            if again is None or not past.agree(decision, again):
                # Those of one moment are decided together; this one is of a later one.
                all_proposed = decision.number > last_proposal
                made = scheduler.decide(
                    past.trials, legs[: decision.seen], all_proposed=all_proposed
                )
                verdicts = {one.trial: one for one in made}
                again = verdicts.get(decision.trial)
            if again is None:
                found.append(Difference(decision, "nothing", ""))
            elif not past.agree(decision, again):
                found.append(Difference(decision, again.kind, again.reason))
        elif decision.kind == "propose":
            proposal = propose(spec, past.trials, legs[: decision.seen])
            if proposal is None or not past.is_next(proposal):
                kind = "nothing" if proposal is None else "propose"
                found.append(Difference(decision, kind, "" if proposal is None else "other values"))
        past.apply(decision)
    return found


class _Past:
    """The trials of a sweep as they were at a decision."""

    def __init__(
        self, spec: SweepSpec, scheduler: Scheduler, trials: Sequence[Trial], legs: Sequence[Leg]
    ) -> None:
        self.trials: list[Trial] = []
        self._final, self._legs, self._seen = trials, legs, 0
        self._last_steps, self._rungs = spec.limits.steps, scheduler.rungs
        self._ends = {(leg.trial, leg.steps) for leg in legs}

    def see(self, seen: int) -> None:
        """Let the first `seen` legs have ended."""
        for leg in self._legs[self._seen : seen]:
            last = leg.steps >= self._last_steps
            state = TrialState.COMPLETED if last else TrialState.PAUSED
            self.trials[leg.trial] = replace(self.trials[leg.trial], state=state)
        self._seen = max(seen, self._seen)

    def apply(self, decision: Decision) -> None:
        """Take a decision into account."""
        number = decision.trial
        match decision.kind:
            case "propose":
                self.trials.append(self._begun(number, self._rungs[0]))
            case "continue":
                self.trials[number] = self._begun(number, self._after(decision.steps))
            case "stop" | "fork" | "fail":
                state = TrialState.FAILED if decision.kind == "fail" else TrialState.STOPPED
                self.trials[number] = replace(self.trials[number], state=state)
        if decision.kind == "fork":
            self.trials.append(self._begun(len(self.trials), self._after(decision.steps)))

    def agree(self, decision: Decision, again: Verdict) -> bool:
        """Whether a verdict is the one that was made."""
        if (again.kind, again.steps, again.reason) != (
            decision.kind,
            decision.steps,
            decision.reason,
        ):
            return False
        if again.kind != "fork":
            return True
        child = self._final[len(self.trials)]
        return (child.parent, child.values) == (again.parent, again.values)

    def is_next(self, proposal: Proposal) -> bool:
        """Whether the next new trial is the proposed one."""
        made = self._final[len(self.trials)]
        return proposal == Proposal(values=made.values, group=made.group, seed=made.seed)

    def _after(self, steps: int) -> int:
        return self._rungs[self._rungs.index(steps) + 1]

    def _begun(self, number: int, target_steps: int) -> Trial:
        """A trial with a leg before it, which a limit of the sweep may have ended."""
        final = self._final[number]
        limited = final.state is TrialState.STOPPED and (number, target_steps) not in self._ends
        state = TrialState.STOPPED if limited else TrialState.RUNNING
        return replace(final, state=state, target_steps=target_steps)
