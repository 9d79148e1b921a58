"""The next trial of a sweep: a deterministic function of the sweep, its trials and their legs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from daemon.sweeps.records import Leg, Trial
from daemon.sweeps.search.grid import grid_size, grid_values
from daemon.sweeps.search.quasi_random import halton_point
from daemon.sweeps.search.space import chosen_values, value_at
from daemon.sweeps.spec.schema import SweepSpec


class Proposal(Struct, frozen=True, kw_only=True):
    """What the next trial is. Trials of a group differ by their seed only."""

    values: dict[str, Any]  # setting -> value, of the parameters that apply
    group: int
    seed: int  # run.seed


def propose(spec: SweepSpec, trials: Sequence[Trial], legs: Sequence[Leg]) -> Proposal | None:
    """The trial after these, or None: all are proposed, or others must end first.

    `trials`: all so far, by number; `legs`: theirs, in the order in which they ended. Raises
    SearchError: what the sampler needs is not installed.
    """
    if all_proposed(spec, trials):
        return None
    group, place = divmod(len(trials), spec.seeds.count)
    values = trials[-1].values if place else _values(spec, group, trials, legs)
    if values is None:
        return None
    return Proposal(values=values, group=group, seed=spec.seeds.first + place)


def total_trials(spec: SweepSpec) -> int:
    """How many trials the sweep has, unless it is stopped before."""
    trials = spec.limits.trials
    if spec.search.sampler != "grid":
        assert trials is not None  # judged when the file was read
        return trials
    whole = grid_size(spec.parameters) * spec.seeds.count
    return whole if trials is None else min(whole, trials)


def all_proposed(spec: SweepSpec, trials: Sequence[Trial]) -> bool:
    """Whether no more trials will come."""
    return len(trials) >= total_trials(spec)


def _values(
    spec: SweepSpec, group: int, trials: Sequence[Trial], legs: Sequence[Leg]
) -> dict[str, Any] | None:
    parameters, seed = spec.parameters, spec.search.seed
    match spec.search.sampler:
        case "grid":
            return grid_values(parameters, group)
        case "random":
            return _drawn(spec, group)
        case "qmc":
            point = halton_point(group, len(parameters), seed)
            return chosen_values(parameters, lambda number, one: value_at(one, point[number]))
        case "tpe":
            from daemon.sweeps.search.tpe import tpe_values  # noqa: PLC0415 - needs an extra

            return tpe_values(spec, group, trials, legs)
        case "cma-es":
            from daemon.sweeps.search.cma_es import cma_es_values  # noqa: PLC0415 - needs an extra

            return cma_es_values(spec, group, trials, legs)


def _drawn(spec: SweepSpec, group: int) -> dict[str, Any]:
    """Random values that depend on the group alone; each parameter draws, also one without use."""
    draw = random.Random(f"{spec.search.seed}/{group}")
    shares = [draw.random() for _ in spec.parameters]
    return chosen_values(spec.parameters, lambda number, one: value_at(one, shares[number]))
