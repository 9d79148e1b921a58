"""Confidence intervals of any statistic over tasks x seeds, by resampling the seeds of each task.

The stratified percentile bootstrap of Agarwal et al., NeurIPS 2021, as in rliable 1.2.0: each task
draws as many of its own scores as it has, with replacement; the 2.5% and 97.5% quantiles of the
statistic over all draws bound it. Unlike rliable, which draws from numpy's global generator and so
differs at each call, the same scores give the same interval.

With few seeds it is too narrow: of the interquartile mean of one task with 5, 10 and 20 normal
scores it held the true one in 90%, 94% and 94% of 3,000 cases.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from daemon.runs.statistics.interquartile import Scores
from daemon.runs.statistics.intervals import CONFIDENCE, Interval

RESAMPLES = 5000  # from seed to seed a bound then varies by some 3% of the interval's width


def bootstrap_interval(
    statistic: Callable[..., float], *samples: Scores, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    """A statistic of one or several samples and its 95% interval; each is resampled on its own.

    ``bootstrap_interval(interquartile_mean, scores)``,
    ``bootstrap_interval(probability_of_improvement, first, second)``. Without bounds if every task
    of every sample has one score only. Raises ValueError as the statistic does.
    """
    estimate = statistic(*samples)
    if all(len(task) == 1 for scores in samples for task in scores):
        return Interval(estimate, None, None)
    draw = random.Random(seed)
    found = sorted(
        statistic(*([draw.choices(task, k=len(task)) for task in scores] for scores in samples))
        for _ in range(resamples)
    )
    tail = (1.0 - CONFIDENCE) / 2
    return Interval(estimate, _quantile(found, tail), _quantile(found, 1.0 - tail))


def _quantile(ordered: list[float], share: float) -> float:
    """Interpolated between neighbours, as numpy's percentile."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
