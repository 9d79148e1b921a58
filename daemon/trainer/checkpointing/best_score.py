"""Score of the best model: the lower confidence bound of its success, in the highest stage."""

from __future__ import annotations

import sys
from typing import NamedTuple

from daemon.runs.statistics.intervals import Interval

LOWEST_REWARD = -sys.float_info.max  # not -inf, which JSON cannot hold


class Score(NamedTuple):
    """An evaluation's score; compared field by field. Part of a checkpoint's state."""

    stage: int
    success_low: float  # lower bound of the success rate's 95% interval
    reward_low: float  # likewise of the mean reward: decides between equal success


def score_of(stage: int, success_rate: Interval, reward: Interval) -> Score:
    """The score of an evaluation in a stage; an unknown bound counts as the lowest possible."""
    return Score(
        stage,
        0.0 if success_rate.low is None else success_rate.low,
        LOWEST_REWARD if reward.low is None else reward.low,
    )
