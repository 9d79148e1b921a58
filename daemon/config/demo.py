"""What a demo trains: a short curriculum. A run's frozen configuration has it, so all show it."""

from __future__ import annotations

import msgspec

from daemon.config.schema import Config

STAGES = 2
TIMESTEPS = 5_000_000


def shortened(config: Config, timesteps: int | None = None) -> Config:
    """The first stages, and at most `TIMESTEPS` or exactly `timesteps`; other modes as they are."""
    if config.run.mode != "demo":
        return config
    steps = timesteps or min(config.run.timesteps, TIMESTEPS)
    return msgspec.structs.replace(
        config,
        run=msgspec.structs.replace(config.run, timesteps=steps),
        curriculum=msgspec.structs.replace(
            config.curriculum, stages=config.curriculum.stages[:STAGES]
        ),
    )


def shortened_if_whole(config: Config) -> Config:
    """As `shortened`, for a run that an earlier version froze with the stages of all modes."""
    return shortened(config) if len(config.curriculum.stages) > STAGES else config
