"""The best model so far: by the lower confidence bound of its success, in the farthest stage."""

from __future__ import annotations

import sys
from typing import NamedTuple

from daemon.runs.intervals import Interval

LOWEST_REWARD = -sys.float_info.max  # not -inf, which JSON cannot hold


class Score(NamedTuple):
    """An evaluation's worth; compares field by field. Part of a checkpoint's state."""

    stage: int
    success_low: float  # lower bound of the success rate's 95% interval
    reward_low: float  # and of the mean reward's: tells apart what lands alike


def score_of(stage: int, success_rate: Interval, reward: Interval) -> Score:
    """The score of an evaluation in a stage; a bound that is not known counts as the lowest."""
    return Score(
        stage,
        0.0 if success_rate.low is None else success_rate.low,
        LOWEST_REWARD if reward.low is None else reward.low,
    )
