"""The facts of a model card: where a policy comes from, what it sees and does, where it holds."""

from __future__ import annotations

from typing import Any

import msgspec

from daemon.runs.evaluations import EvaluationResult
from daemon.trainer.export.layers import Activation, Output


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """How a policy was trained."""

    run_id: str
    run_name: str
    checkpoint: str
    created_s: float  # Unix time of the checkpoint
    algorithm: str
    mode: str
    timesteps: int
    seed: int
    landers: int  # trained on at once
    warm_start: str  # run.warm_start: "none" is from scratch
    stages: tuple[str, ...]  # names, in order
    stage: int  # that the checkpoint was saved in, counted from 1
    fingerprint: str  # of configuration and versions; "": not recorded
    versions: dict[str, str]


class ObservationRow(msgspec.Struct, frozen=True, kw_only=True):
    """One number of the observation, and how it is normalized."""

    index: int
    name: str
    unit: str
    low: float  # to which the environment clips it
    high: float
    mean: float
    deviation: float
    meaning: str


class ActionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One number of the action, from -1 to 1."""

    index: int
    name: str
    meaning: str


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy was trained for: it is not known to hold anywhere else."""

    vehicle: str
    vehicle_data: dict[str, Any] = {}  # its numbers, of one that is not landerctl's own
    stage: int  # the hardest one trained, counted from 1
    stage_name: str
    # Of env.task.start.StartConditions, by name: ranges, and numbers about the ground.
    start: dict[str, tuple[float, float] | float]
    height_map: str  # file name of the user's own; "": the synthetic Moon
    cell_m: float  # of the height map; 0: as its file says
    local_relief: float  # factor of the relief finer than the height map
    sensor_noise: float  # times the standard deviations of the environment's instruments
    control_interval_s: float
    dynamics_interval_s: float


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """The shape of the forward pass."""

    sizes: tuple[int, ...]  # of the observation, each layer, the action
    activation: Activation  # after each layer but the last
    output: Output  # after the last
    epsilon: float  # added to the variances of the observation
    clip: float  # of the normalized observation


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """All facts about an exported policy, as `landerctl export --json` prints them."""

    format: int = 1
    training: Training
    evaluation: EvaluationResult | None  # the newest of this checkpoint; None: there is none
    evaluate: str  # the command that makes one
    limits: Limits
    network: Network
    observation: tuple[ObservationRow, ...]
    action: tuple[ActionRow, ...]
    license: str
