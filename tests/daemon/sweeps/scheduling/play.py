"""A sweep without processes: what its scheduler decides when trials end in a given order."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from daemon.sweeps.records import Decision, Leg, Trial, TrialState
from daemon.sweeps.scheduling.make import make_scheduler
from daemon.sweeps.scheduling.scheduler import Verdict
from daemon.sweeps.search.propose import propose
from daemon.sweeps.spec.schema import (
    Direction,
    Limits,
    Objective,
    Parameter,
    SchedulerSettings,
    SearchSettings,
    SeedSettings,
    SweepSpec,
)

Value = Callable[[int, int], float | None]  # (trial, steps) -> what it reaches there


def a_spec(
    *, steps: int = 900, seeds: int = 1, direction: Direction = "maximize", **scheduler: object
) -> SweepSpec:
    """A sweep with rungs from 100 steps."""
    settings = {"first_rung_steps": 100, "grace_trials": 2, **scheduler}
    return SweepSpec(
        limits=Limits(steps=steps),
        seeds=SeedSettings(count=seeds),
        scheduler=replace(SchedulerSettings(), **settings),
        search=SearchSettings(sampler="random"),
        parameters=[Parameter(setting="ppo.gamma", kind="uniform", low=0.9, high=1.0)],
        objectives=[Objective(metric="gate", direction=direction)],
    )


class Play:
    """Trials that run `parallel` at a time and end in an order drawn from `seed`.

    `fails`: at how many steps a trial fails.
    """

    def __init__(self, spec: SweepSpec, value: Value, fails: Mapping[int, int]) -> None:
        self.spec, self.scheduler = spec, make_scheduler(spec)
        self.value, self.fails = value, fails
        self.trials: list[Trial] = []
        self.legs: list[Leg] = []
        self.decisions: list[Decision] = []

    def run(self, count: int, seed: int, parallel: int = 3) -> Play:
        """Play until nothing happens any more, with `count` trials."""
        self.spec = replace(self.spec, limits=replace(self.spec.limits, trials=count))
        draw = random.Random(seed)
        while True:
            waiting = [one for one in self.trials if one.state is TrialState.WAITING]
            if len(waiting) < parallel and len(self.trials) < count:
                self._propose()
            elif waiting:
                self._end(draw.choice(waiting[:parallel]))
                self._decide(all_proposed=len(self.trials) >= count)
            elif not self._decide(all_proposed=True):
                return self

    def state(self, number: int) -> TrialState:
        """Where a trial is."""
        return self.trials[number].state

    def reached(self) -> dict[int, int]:
        """The last rung that each trial has ended, by number."""
        return {
            one.number: max((leg.steps for leg in self.legs if leg.trial == one.number), default=0)
            for one in self.trials
        }

    def _propose(self) -> None:
        number, proposal = len(self.trials), propose(self.spec, self.trials, self.legs)
        assert proposal is not None
        self.trials.append(
            Trial(
                number=number,
                group=proposal.group,
                values=proposal.values,
                seed=proposal.seed,
                target_steps=self.scheduler.first_target_steps(),
            )
        )
        self._record("propose", number, 0, "")

    def _end(self, trial: Trial) -> None:
        steps = trial.target_steps
        state = TrialState.COMPLETED if steps >= self.spec.limits.steps else TrialState.PAUSED
        if self.fails.get(trial.number) == steps:
            state = TrialState.FAILED
            self._record("fail", trial.number, steps, "")
        else:
            value = self.value(trial.number, steps)
            values = {} if value is None else {"gate": value}
            leg = Leg(trial=trial.number, steps=steps, values=values, running_s=1.0, time_s=0.0)
            self.legs.append(leg)
        self.trials[trial.number] = replace(trial, state=state, steps=steps)

    def _decide(self, *, all_proposed: bool) -> bool:
        verdicts = self.scheduler.decide(self.trials, self.legs, all_proposed=all_proposed)
        for verdict in verdicts:
            trial = self.trials[verdict.trial]
            assert trial.state is TrialState.PAUSED, "decided twice, or not paused"
            assert trial.target_steps == verdict.steps
            goes_on = verdict.kind == "continue"
            self.trials[verdict.trial] = replace(
                trial,
                state=TrialState.WAITING if goes_on else TrialState.STOPPED,
                target_steps=verdict.target_steps if goes_on else trial.target_steps,
            )
            if verdict.kind == "fork":
                self._fork(verdict)
            self._record(verdict.kind, verdict.trial, verdict.steps, verdict.reason)
        return bool(verdicts)

    def _fork(self, verdict: Verdict) -> None:
        number = len(self.trials)
        self.trials.append(
            Trial(
                number=number,
                group=number,
                values=verdict.values,
                seed=0,
                target_steps=verdict.target_steps,
                steps=verdict.steps,
                parent=verdict.parent,
            )
        )

    def _record(self, kind: str, trial: int, steps: int, reason: str) -> None:
        self.decisions.append(
            Decision(
                number=len(self.decisions) + 1,
                time_s=0.0,
                kind=kind,
                trial=trial,
                steps=steps,
                reason=reason,
                seen=len(self.legs),
            )
        )
