"""Comparing evaluations with bounds that are zero or unknown."""

from __future__ import annotations

import msgspec
import pytest

from daemon.runs.statistics.intervals import Interval, mean_interval, wilson_interval
from daemon.trainer.checkpointing.best_score import Score, score_of

HALF = wilson_interval(50, 100)
ONE_EPISODE = mean_interval([250.0])


def test_a_reward_bound_of_zero_is_a_value() -> None:
    at_zero, below = (score_of(1, HALF, Interval(10.0, low, 20.0)) for low in (0.0, -3.0))
    assert at_zero > below
    assert (at_zero.stage, at_zero.success_low, at_zero.reward_low) == (1, HALF.low, 0.0)


def test_an_unknown_bound_counts_as_the_lowest() -> None:
    assert score_of(1, HALF, ONE_EPISODE) < score_of(1, HALF, Interval(-1e9, -2e9, 0.0))


@pytest.mark.parametrize("reward", [ONE_EPISODE, Interval(10.0, 0.0, 20.0)])
def test_every_score_round_trips(reward: Interval) -> None:
    """JSON would store an infinite bound as null, and no training could resume from it."""
    score = score_of(2, HALF, reward)
    assert msgspec.json.decode(msgspec.json.encode(score), type=Score) == score
