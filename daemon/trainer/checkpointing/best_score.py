"""The best model so far: by the lower confidence bound of its success, in the farthest stage."""

from __future__ import annotations

from typing import NamedTuple


class Score(NamedTuple):
    """An evaluation's worth; compares field by field. Part of a checkpoint's state."""

    stage: int
    success_low: float  # lower bound of the success rate's 95% interval
    reward_low: float  # and of the mean reward's: tells apart what lands alike
