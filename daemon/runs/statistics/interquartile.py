"""Aggregates over few training runs: tasks x seeds, as few as five seeds of one task.

Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical Precipice", NeurIPS
2021, and its library rliable 1.2.0 (2024), whose definitions these are. Scores are given as a
sequence of tasks, each a sequence with one score a seed. All functions raise ValueError if a task
has no score.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

Scores = Sequence[Sequence[float]]  # tasks x seeds


def interquartile_mean(scores: Scores) -> float:
    """The mean of the middle half of all scores of all tasks together.

    Of n scores the floor(n / 4) lowest and as many highest are left out, as by rliable's
    `aggregate_iqm` (scipy's `trim_mean`): with fewer than four scores it is the mean. (The paper's
    25% trimmed mean; a quarter of a score is not weighted.)
    """
    values = sorted(value for task in _not_empty(scores) for value in task)
    cut = len(values) // 4
    return fmean(values[cut : len(values) - cut])


def optimality_gap(scores: Scores, goal: float = 1.0) -> float:
    """By how much scores fall short of a goal on average; scores above it count as the goal."""
    return goal - fmean(min(value, goal) for task in _not_empty(scores) for value in task)


def probability_of_improvement(first: Scores, second: Scores) -> float:
    """The probability that a run of `first` is better than one of `second`, the mean over tasks.

    Of each task the share of pairs in which the first score is higher, equal ones counting half
    (the Mann-Whitney U statistic over the number of pairs). Raises ValueError if the tasks differ
    in number.
    """
    pairs = zip(_not_empty(first), _not_empty(second), strict=True)
    return fmean(
        fmean((one > other) + 0.5 * (one == other) for one in ones for other in others)
        for ones, others in pairs
    )


def _not_empty(scores: Scores) -> Scores:
    if not scores or not all(scores):
        raise ValueError("a task without a score")
    return scores
