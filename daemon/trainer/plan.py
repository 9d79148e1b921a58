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
    gated: bool
    timesteps: int


def make_plan(config: Config) -> TrainingPlan:
    """The plan of `run.mode`: the whole curriculum, one stage without a gate, or a short look."""
    stages, timesteps = config.curriculum.stages, config.run.timesteps
    if config.run.mode == "standard":
        return TrainingPlan([stages[config.run.stage - 1]], gated=False, timesteps=timesteps)
    if config.run.mode == "demo":
        return TrainingPlan(stages[:DEMO_STAGES], True, min(timesteps, DEMO_TIMESTEPS))
    return TrainingPlan(stages, gated=True, timesteps=timesteps)
