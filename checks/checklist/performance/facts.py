"""What the judges of speed, memory and progress read about the current run."""

from __future__ import annotations

import msgspec


class PassedGate(msgspec.Struct, frozen=True):
    """A gate that the run has passed, and not lost by a rollback."""

    stage: int
    timesteps: int
    trained_s: float
    success_rate: float


class Leg(msgspec.Struct, frozen=True):
    """Steps flown, and training time, of the last hour after so many passed gates."""

    gates: int
    steps: int
    trained_s: float


class RunPerformance(msgspec.Struct, frozen=True, kw_only=True):
    """The current run's figures. Medians are over the last hour of training, by metric.

    `last_stage`: medians of the part of that hour in the last stage after its ramp; empty outside.
    `first_hour`: medians over the run's first hour of training; empty until it is full, and once
    its samples have expired.
    """

    algorithm: str
    n_envs: int
    timesteps_limit: int
    default_stages: bool  # whether its stages are the recorded trainings'
    timesteps: int
    trained_s: float
    gates: tuple[PassedGate, ...]
    legs: tuple[Leg, ...]
    medians: dict[str, float]
    last_stage: dict[str, float]
    stage_1_success: float | None  # its last value there; None: never flown
    first_hour: dict[str, float]
