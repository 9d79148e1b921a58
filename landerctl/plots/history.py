"""A run's training as its pictures show it: series over environment steps, stages and gates.

The store's samples name no run; a sample belongs to the run whose trainer was started last before
it. Where a rollback or a restart went back to a checkpoint, what was trained beyond that is left
out: what stands is the training that led to the newest policy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from daemon.config.schema import Config, Stage
from daemon.store.reader import StoreReader
from daemon.store.records import Event, Sample

ALL_EVENTS = 1_000_000
STAGE_SERIES = "curriculum/current_stage"  # one sample an iteration
_Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """A series over environment steps, ascending."""

    timesteps: _Numbers
    values: _Numbers


@dataclass(frozen=True)
class StageSpan:
    """A stretch of the training that was flown in one stage."""

    number: int  # counted from 1
    name: str
    first: float  # environment steps
    last: float
    gate_success_rate: float | None  # None: the stage has no gate
    gate_mean_reward: float | None
    passed: float | None  # environment steps at which its gate was passed


@dataclass(frozen=True)
class History:
    """All that the training curves show. Rates are fractions."""

    stages: tuple[StageSpan, ...]
    window_episodes: int
    window_success: Curve  # over so many last episodes, which a gate looks at
    rollout_success: Curve
    rollout_reward: Curve
    mean_action_success: Curve  # of each attempt at a gate
    mean_action_reward: Curve
    trained_s: Curve


@dataclass(frozen=True)
class Return:
    """A moment at which training went on from fewer environment steps than before."""

    time_s: float
    timesteps: int  # the first that were told after it


def read_history(store: StoreReader, run_id: str, config: Config) -> History | None:
    """A run's history; None where nothing was sampled of it. Raises StoreError."""
    starts = store.events(names=["trainer.started"], limit=ALL_EVENTS)
    own = [event.time_s for event in starts if event.run_id == run_id]
    if not own:
        return None

    def series(name: str) -> list[Sample]:
        return samples_of_run(store.series(name, since_s=own[0]), starts, run_id)

    timeline = series(STAGE_SERIES)
    returns = find_returns(timeline)
    stage = to_curve(standing(timeline, returns))
    if not len(stage.values):
        return None

    def curve(name: str) -> Curve:
        return to_curve(standing(series(name), returns))

    passed = store.events(names=["stage.passed"], limit=ALL_EVENTS, run_id=run_id)
    return History(
        stages=stage_spans(stage, passed, returns, config),
        window_episodes=config.curriculum.window_episodes,
        window_success=curve("episode/success_rate_100"),
        rollout_success=curve("rollout/success_rate"),
        rollout_reward=curve("rollout/ep_rew_mean"),
        mean_action_success=curve("eval/success_rate"),
        mean_action_reward=curve("eval/mean_reward"),
        trained_s=curve("time/trained_s"),
    )


def samples_of_run(samples: Sequence[Sample], starts: Sequence[Event], run_id: str) -> list[Sample]:
    """Those that were taken while the trainer started last was the run's. Both ascend in time."""
    found: list[Sample] = []
    k, owner = 0, None
    for sample in samples:
        while k < len(starts) and starts[k].time_s <= sample.time_s:
            owner = starts[k].run_id
            k += 1
        if owner == run_id:
            found.append(sample)
    return found


def find_returns(timeline: Sequence[Sample]) -> list[Return]:
    """Where the environment steps of a series with a sample an iteration fall or stand still."""
    returns: list[Return] = []
    newest = -1
    for sample in timeline:
        if sample.timesteps is None:
            continue
        if sample.timesteps <= newest:
            returns.append(Return(sample.time_s, sample.timesteps))
        newest = sample.timesteps
    return returns


def stands(time_s: float, timesteps: int, returns: Sequence[Return]) -> bool:
    """Whether what was told then was not given up by a return after it."""
    return not any(time_s < back.time_s and timesteps >= back.timesteps for back in returns)


def standing(samples: Sequence[Sample], returns: Sequence[Return]) -> list[Sample]:
    """The samples that no return gave up, without those that have no place in the training."""
    return [
        sample
        for sample in samples
        if sample.timesteps is not None and stands(sample.time_s, sample.timesteps, returns)
    ]


def to_curve(samples: Sequence[Sample]) -> Curve:
    """The finite values over their environment steps."""
    points = [
        (float(sample.timesteps), sample.value)
        for sample in samples
        if sample.timesteps is not None and math.isfinite(sample.value)
    ]
    table = np.array(sorted(points), np.float64).reshape(-1, 2)
    return Curve(table[:, 0], table[:, 1])


def stage_spans(
    stage: Curve, passed: Sequence[Event], returns: Sequence[Return], config: Config
) -> tuple[StageSpan, ...]:
    """The stretches in which a curve of stage numbers is constant, each with its gate."""
    spans: list[StageSpan] = []
    numbers = stage.values.astype(int)
    edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
    first = 0.0
    for begin, end in pairwise(edges):
        flown = int(numbers[begin])
        number, stage_of = _stage(flown, config)
        gated = config.run.mode != "standard"
        last = float(stage.timesteps[end - 1])
        spans.append(
            StageSpan(
                number=number,
                name=stage_of.name if stage_of else "",
                first=first,
                last=last,
                gate_success_rate=stage_of.gate_success_rate if stage_of and gated else None,
                gate_mean_reward=stage_of.gate_mean_reward if stage_of and gated else None,
                passed=_passed(flown, first, last, passed, returns),
            )
        )
        first = last
    return tuple(spans)


def _stage(flown: int, config: Config) -> tuple[int, Stage | None]:
    """The number and settings of the stage that the trainer calls its `flown`th."""
    # A run of one stage counts its own as the first.
    number = config.run.stage if config.run.mode == "standard" else flown
    stages = config.curriculum.stages
    return number, stages[number - 1] if 1 <= number <= len(stages) else None


def _passed(
    flown: int, first: float, last: float, events: Sequence[Event], returns: Sequence[Return]
) -> float | None:
    for event in events:
        at = event.body.get("timesteps")
        if event.body.get("stage") != flown or not isinstance(at, int):
            continue
        if first <= at <= last and stands(event.time_s, at, returns):
            return float(at)
    return None
