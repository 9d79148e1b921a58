"""training_state.json: the training's state besides model, statistics and fleet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from daemon.checkpoint.measured import Measurement
from daemon.config.forking.carried import Part
from daemon.config.schema import CurriculumSettings, Stage
from daemon.trainer.checkpointing.best_score import Score
from daemon.trainer.checkpointing.random_state import RandomState
from daemon.trainer.curriculum.record import StageRecord, check_record
from daemon.trainer.health.divergence import DivergenceState
from daemon.trainer.health.rewind_limit import RewindCount

FORMAT = 2
_Steps = Annotated[int, Meta(ge=0)]


class TrainingState(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Counters, curriculum and random numbers at a rollout's end."""

    format: int = FORMAT
    timesteps: _Steps
    trained_s: Annotated[float, Meta(ge=0.0)]  # wall time of this run, over all processes
    record: StageRecord
    best: Score | None
    evaluated_timesteps: _Steps  # of the last evaluation
    divergence: DivergenceState
    returns: RewindCount
    random: RandomState
    anew: frozenset[Part] = frozenset()  # what a fork does not carry over: of its first state only
    buffer_began: _Steps = 0  # timesteps at which the replay buffer began empty
    measured: dict[str, Measurement] = {}  # by metric; not those of the wall time
    warm_start_steps: _Steps = 0  # flown to clone the pilot into this model; no timesteps of it


class _Format(msgspec.Struct):
    """The field that all formats of the file have."""

    format: int


def decode_state(
    content: bytes, *, stages: Sequence[Stage], curriculum: CurriculumSettings
) -> TrainingState:
    """Decode the state of a training of these stages.

    Raises ValueError naming the fault: another format, a missing, unknown or out-of-range field, or
    inconsistent fields.
    """
    found = msgspec.json.decode(content, type=_Format).format
    if found != FORMAT:
        raise ValueError(
            f"format {found}, but this version resumes only from format {FORMAT}; "
            "start a new run: landerctl start --fresh"
        )
    state = msgspec.json.decode(content, type=TrainingState)
    check_record(state.record, stages, curriculum, state.timesteps)
    for name in ("evaluated_timesteps", "buffer_began"):
        if (found := getattr(state, name)) > state.timesteps:
            raise ValueError(f"{name} = {found}: over timesteps, {state.timesteps}")
    for name, one in state.measured.items():
        if one.timesteps > state.timesteps:
            raise ValueError(f"{name} measured at {one.timesteps}: over {state.timesteps} steps")
    return state
