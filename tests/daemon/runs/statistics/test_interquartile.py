"""Aggregates and their bootstrap intervals, against figures of the library rliable.

The expected figures were computed once with rliable's code (commit 3ccd9f4 of 2024-08-12): its
`metrics` and its stratified resampling of `library`, 50,000 times (20,000 for the probability of
improvement), with stand-ins of a few lines for what it imports of SciPy and arch.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from daemon.runs.statistics.bootstrap import bootstrap_interval
from daemon.runs.statistics.interquartile import (
    Scores,
    interquartile_mean,
    optimality_gap,
    probability_of_improvement,
)
from daemon.runs.statistics.intervals import Interval

ONE_TASK = [[0.82, 0.10, 0.55, 0.97, 0.71, 0.64, 0.03, 0.90, 0.77, 0.68]]
THREE_TASKS = [
    [0.82, 0.10, 0.55, 0.97, 0.71],
    [1.30, 1.10, 0.20, 0.95, 1.02],
    [0.00, 0.40, 0.35, 0.10, 0.05],
]
OTHER_THREE = [
    [0.60, 0.10, 0.45, 0.80, 0.71],
    [1.00, 1.20, 0.30, 0.85, 0.90],
    [0.10, 0.20, 0.30, 0.15, 0.00],
]


@pytest.mark.parametrize(
    ("statistic", "scores", "estimate", "low", "high"),
    [
        (interquartile_mean, ONE_TASK, 0.695, 0.3983, 0.8217),
        (interquartile_mean, THREE_TASKS, 0.56111111, 0.3322, 0.7489),
        (interquartile_mean, OTHER_THREE, 0.48444444, 0.3111, 0.6333),
        (optimality_gap, ONE_TASK, 0.383, 0.211, 0.583),
        (optimality_gap, THREE_TASKS, 0.45333333, 0.3293, 0.5987),
        (optimality_gap, OTHER_THREE, 0.50266667, 0.4027, 0.6193),
    ],
)
def test_as_rliable(
    statistic: Callable[[Scores], float], scores: Scores, estimate: float, low: float, high: float
) -> None:
    found = bootstrap_interval(statistic, scores)
    assert found.mean == pytest.approx(estimate, abs=1e-8)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.02)


def test_the_probability_of_improvement_is_as_rliables() -> None:
    found = bootstrap_interval(probability_of_improvement, THREE_TASKS, OTHER_THREE)
    assert found.mean == pytest.approx(0.6)
    assert (found.low, found.high) == pytest.approx((0.3733, 0.8067), abs=0.02)
    assert probability_of_improvement(THREE_TASKS, THREE_TASKS) == 0.5


def test_an_interval_is_the_same_at_each_call_and_needs_two_scores() -> None:
    assert bootstrap_interval(interquartile_mean, ONE_TASK) == bootstrap_interval(
        interquartile_mean, ONE_TASK
    )
    assert bootstrap_interval(interquartile_mean, [[3.0]]) == Interval(3.0, None, None)
    assert bootstrap_interval(interquartile_mean, [[3.0, 3.0]]) == Interval(3.0, 3.0, 3.0)


@pytest.mark.parametrize("scores", [[], [[]], [[1.0], []]])
def test_a_task_without_a_score_is_refused(scores: Scores) -> None:
    for statistic in (interquartile_mean, optimality_gap):
        with pytest.raises(ValueError, match="without a score"):
            bootstrap_interval(statistic, scores)
