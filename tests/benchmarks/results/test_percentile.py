"""Percentiles are numpy's, and their intervals cover as often as they say."""

from __future__ import annotations

import random

import numpy as np
import pytest

from benchmarks.results.percentile import percentile, percentile_interval


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_a_percentile_is_numpy_s(share: float) -> None:
    values = [random.Random(1).gauss(0.0, 1.0) for _ in range(137)]
    assert percentile(values, share) == pytest.approx(np.quantile(values, share))
    assert percentile([3.0], share) == 3.0
    with pytest.raises(ValueError, match="no value"):
        percentile([], share)


def test_the_interval_ends_at_known_ranks() -> None:
    """Of 100 values the median's interval is from the 40th to the 61st (Conover's tables)."""
    found = percentile_interval([float(k) for k in range(1, 101)], 0.5)
    assert (found.mean, found.low, found.high) == (50.5, 40.0, 61.0)


def test_an_end_that_too_few_values_reach_is_left_out() -> None:
    found = percentile_interval([float(k) for k in range(20)], 0.95)
    assert found.low is not None
    assert found.high is None


def test_it_covers_the_true_percentile_at_least_as_often_as_it_says() -> None:
    draw, covered, trials = random.Random(2), 0, 400
    for _ in range(trials):
        found = percentile_interval([draw.random() for _ in range(200)], 0.95)
        assert found.low is not None and found.high is not None
        covered += found.low <= 0.95 <= found.high
    assert covered / trials > 0.93
