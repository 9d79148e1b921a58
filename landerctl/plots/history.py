"""A run's training as plotted: series over environment steps, stages and gates.

If a rollback or restart went back to a checkpoint, the steps trained beyond it are
dropped: only the training that led to the newest policy is kept.
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
STAGE_SERIES = "curriculum/current_stage"  # one sample per iteration
_Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """A series over environment steps, ascending."""

    timesteps: _Numbers
    values: _Numbers


@dataclass(frozen=True)
class StageSpan:
    """A part of the training in one stage."""

    number: int  # counted from 1
    name: str
    first: float  # environment steps
    last: float
    gate_success_rate: float | None  # None: the stage has no gate
    gate_mean_reward: float | None
    passed: float | None  # environment steps at which its gate was passed


@dataclass(frozen=True)
class History:
    """The data of the training curves. Rates are fractions."""

    stages: tuple[StageSpan, ...]
    window_episodes: int
    window_success: Curve  # of the last `window_episodes`, as the gate uses it
    window_reward: Curve
    rollout_success: Curve
    rollout_reward: Curve
    mean_action_success: Curve  # at each gate attempt
    mean_action_reward: Curve
    trained_s: Curve


@dataclass(frozen=True)
class StepBack:
    """A time at which training resumed from fewer environment steps than before."""

    time_s: float
    timesteps: int  # of the first sample after it


def read_history(store: StoreReader, run_id: str, config: Config) -> History | None:
    """A run's history; None if it has no samples. Raises StoreError."""

    def series(name: str) -> list[Sample]:
        return store.samples_of_run(name, run_id)

    timeline = series(STAGE_SERIES)
    step_backs = find_step_backs(timeline)
    stage = to_curve(kept_samples(timeline, step_backs))
    if not len(stage.values):
        return None

    def curve(name: str) -> Curve:
        return to_curve(kept_samples(series(name), step_backs))

    passed = store.events(names=["stage.passed"], limit=ALL_EVENTS, run_id=run_id)
    return History(
        stages=stage_spans(stage, passed, step_backs, config),
        window_episodes=config.curriculum.window_episodes,
        window_success=curve("episode/success_rate_100"),
        window_reward=curve("curriculum/reward_100"),
        rollout_success=curve("rollout/success_rate"),
        rollout_reward=curve("rollout/ep_rew_mean"),
        mean_action_success=curve("eval/success_rate"),
        mean_action_reward=curve("eval/mean_reward"),
        trained_s=curve("time/trained_s"),
    )


def find_step_backs(timeline: Sequence[Sample]) -> list[StepBack]:
    """Times at which the environment steps of a per-iteration series do not increase."""
    step_backs: list[StepBack] = []
    newest = -1
    for sample in timeline:
        if sample.timesteps is None:
            continue
        if sample.timesteps <= newest:
            step_backs.append(StepBack(sample.time_s, sample.timesteps))
        newest = sample.timesteps
    return step_backs


def is_kept(time_s: float, timesteps: int, step_backs: Sequence[StepBack]) -> bool:
    """Whether a sample was not dropped by a later step back."""
    return not any(
        time_s < step_back.time_s and timesteps >= step_back.timesteps for step_back in step_backs
    )


def kept_samples(samples: Sequence[Sample], step_backs: Sequence[StepBack]) -> list[Sample]:
    """The samples not dropped by a step back, without those that have no timesteps."""
    return [
        sample
        for sample in samples
        if sample.timesteps is not None and is_kept(sample.time_s, sample.timesteps, step_backs)
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
    stage: Curve, passed: Sequence[Event], step_backs: Sequence[StepBack], config: Config
) -> tuple[StageSpan, ...]:
    """The parts in which the curve of stage numbers is constant, each with its gate."""
    spans: list[StageSpan] = []
    numbers = stage.values.astype(int)
    edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
    first = 0.0
    for begin, end in pairwise(edges):
        stage_index = int(numbers[begin])
        number, stage_of = _stage(stage_index, config)
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
                passed=_passed(stage_index, first, last, passed, step_backs),
            )
        )
        first = last
    return tuple(spans)


def _stage(stage_index: int, config: Config) -> tuple[int, Stage | None]:
    """Number and settings of the stage that the trainer numbers `stage_index`."""
    # A run of one stage numbers its stage 1.
    number = config.run.stage if config.run.mode == "standard" else stage_index
    stages = config.curriculum.stages
    return number, stages[number - 1] if 1 <= number <= len(stages) else None


def _passed(
    stage_index: int,
    first: float,
    last: float,
    events: Sequence[Event],
    step_backs: Sequence[StepBack],
) -> float | None:
    for event in events:
        at = event.body.get("timesteps")
        if event.body.get("stage") != stage_index or not isinstance(at, int):
            continue
        if first <= at <= last and is_kept(event.time_s, at, step_backs):
            return float(at)
    return None
