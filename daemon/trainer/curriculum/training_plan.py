"""What a mode trains: which stages, whether gates count, and for how many steps."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.config.schema import Config, Stage

DEMO_STAGES = 2
DEMO_TIMESTEPS = 5_000_000


@dataclass(frozen=True)
class TrainingPlan:
    """The stages in order, and the environment steps after which training ends at the latest."""

    stages: list[Stage]
    first: int  # the stage that training begins with, counted from 1
    gated: bool  # False: it stays there
    timesteps: int


def make_training_plan(config: Config) -> TrainingPlan:
    """The plan of `run.mode`: the whole curriculum, one stage without a gate, or a short look."""
    stages, timesteps = config.curriculum.stages, config.run.timesteps
    if config.run.mode == "standard":
        return TrainingPlan(stages, config.run.stage, gated=False, timesteps=timesteps)
    if config.run.mode == "demo":
        steps = min(timesteps, DEMO_TIMESTEPS)
        return TrainingPlan(stages[:DEMO_STAGES], 1, gated=True, timesteps=steps)
    return TrainingPlan(stages, 1, gated=True, timesteps=timesteps)
