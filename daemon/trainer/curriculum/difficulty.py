"""The difficulty scale: stages as points on it, ramps between them, and rehearsal.

Difficulty 3.0 is stage 3 as configured; 3.25 is a quarter of the way from there to stage 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from daemon.trainer.curriculum.record import StageRecord
from env.task.start import StartConditions, blend


def difficulty_of(record: StageRecord, ramp_steps: int) -> float:
    """The current difficulty; `ramp_steps` is the stage's."""
    return record.stage - 1 + record.ramp_step / ramp_steps


def conditions_at(stages: Sequence[StartConditions], difficulty: float) -> StartConditions:
    """Start conditions at a difficulty from 1 to the number of `stages`."""
    number = int(difficulty)
    share = difficulty - number
    if share == 0.0:
        return replace(stages[number - 1], difficulty=difficulty)
    return blend(stages[number - 1], stages[number], share, difficulty)


def rehearsal(seed: int, timesteps: int, count: int, difficulty: float) -> list[float]:
    """Difficulties of `count` rehearsing landers, uniform from 1 to the current one.

    Depends only on its arguments, so that a resumed training draws the same.
    """
    draws = np.random.default_rng((seed, timesteps)).random(count)
    return [1.0 + (difficulty - 1.0) * float(draw) for draw in draws]
