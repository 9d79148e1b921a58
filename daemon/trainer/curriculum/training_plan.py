"""The training plan of a mode: stages, gates and number of steps."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.config.schema import Config, Stage


@dataclass(frozen=True)
class TrainingPlan:
    """The stages in order, and the maximum number of environment steps."""

    stages: list[Stage]
    first: int  # the first stage to train, counted from 1
    gated: bool  # False: only the first stage is trained
    timesteps: int


def make_training_plan(config: Config) -> TrainingPlan:
    """The plan of `run.mode`: standard (one stage, no gate), else all stages.

    Those of a demo are few: `daemon.config.demo`.
    """
    stages, timesteps = config.curriculum.stages, config.run.timesteps
    if config.run.mode == "standard":
        return TrainingPlan(stages, config.run.stage, gated=False, timesteps=timesteps)
    return TrainingPlan(stages, 1, gated=True, timesteps=timesteps)
