"""What a sweep would do, before it exists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from daemon.base.paths import StatePaths
from daemon.config import Config, ConfigError
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import Trial
from daemon.sweeps.search.error import SearchError
from daemon.sweeps.search.propose import propose, total_trials
from daemon.sweeps.spec.schema import SweepSpec
from daemon.sweeps.trial_config import trial_config
from landerctl.failure import Failure
from landerctl.operations.sweeps.estimate import SweepEstimate, estimate_sweep


class PlannedTrial(Struct, frozen=True, kw_only=True):
    """A trial that would come. `fault`: why it cannot fly."""

    number: int
    group: int
    values: dict[str, Any]
    seed: int
    fault: str = ""


class PlannedSweep(Struct, frozen=True, kw_only=True):
    """The JSON of `landerctl sweep run --dry-run --json`."""

    name: str
    trials: list[PlannedTrial]  # the first ones
    total: int
    hidden: int  # trials that are not listed, though known
    later: int  # trials whose values depend on what others reach
    sampler: str
    scheduler: str
    steps: int  # of a trial
    estimate: SweepEstimate


def plan_sweep(
    paths: StatePaths,
    sweeps: Sequence[SweepPaths],
    name: str,
    spec: SweepSpec,
    base: Config,
    *,
    most: int | None,
    here: bool = True,
) -> PlannedSweep:
    """The plan. `sweeps`: those that exist, the newest first; `most`: list so many trials; `here`:
    they run on this machine.

    Raises Failure: no trial can be proposed, or the first one cannot fly.
    """
    total = total_trials(spec)
    wanted = total if most is None else min(total, most)
    trials, listed = list[Trial](), list[PlannedTrial]()
    first: Config | None = None
    try:
        while len(trials) < wanted and (proposal := propose(spec, trials, [])) is not None:
            number = len(trials)
            fault = ""
            try:
                flown = trial_config(base, spec, proposal.values, proposal.seed)
                first = first or flown
            except ConfigError as error:
                fault = str(error)
            trials.append(
                Trial(
                    number=number,
                    group=proposal.group,
                    values=proposal.values,
                    seed=proposal.seed,
                    target_steps=spec.limits.steps,
                )
            )
            listed.append(
                PlannedTrial(
                    number=number,
                    group=proposal.group,
                    values=proposal.values,
                    seed=proposal.seed,
                    fault=fault,
                )
            )
    except SearchError as error:
        raise Failure(str(error)) from None
    if first is None:
        why = listed[0].fault if listed else "the sampler proposes none"
        raise Failure(f"{name}: no trial can fly: {why}")
    later = wanted - len(listed)
    return PlannedSweep(
        name=name,
        trials=listed,
        total=total,
        hidden=total - wanted,
        later=later,
        sampler=spec.search.sampler,
        scheduler=spec.scheduler.name,
        steps=spec.limits.steps,
        estimate=estimate_sweep(paths, sweeps, spec, first, total, here=here),
    )
