"""Intervals against published tables, and their coverage."""

from __future__ import annotations

import numpy as np
import pytest

from daemon.runs.statistics.intervals import (
    difference_interval,
    mean_interval,
    student_t,
    wilson_interval,
)


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    # Abramowitz and Stegun, table 26.10, A = 0.95; 499 and more from R's qt(0.975, .)
    [
        (1, 12.706),
        (2, 4.303),
        (3, 3.182),
        (4, 2.776),
        (9, 2.262),
        (10, 2.228),
        (30, 2.042),
        (60, 2.000),
        (120, 1.980),
        (499, 1.96473),
        (100_000, 1.95999),
    ],
)
def test_students_quantile(freedom: int, quantile: float) -> None:
    assert student_t(freedom) == pytest.approx(quantile, abs=5e-4 if freedom < 499 else 1e-5)


def test_both_methods_for_the_quantile_agree() -> None:
    steps = [student_t(freedom) - student_t(freedom + 1) for freedom in (99, 100, 101)]
    assert steps == sorted(steps, reverse=True)


def test_mean_interval() -> None:
    interval = mean_interval([1.0, 2.0, 3.0, 4.0, 5.0])
    # standard deviation sqrt(2.5), t(4) = 2.77645
    half = 2.77645 * (2.5 / 5) ** 0.5
    assert interval.mean == 3.0
    assert interval.low == pytest.approx(3.0 - half, abs=1e-4)
    assert interval.high == pytest.approx(3.0 + half, abs=1e-4)


def test_mean_interval_of_one_value_and_of_none() -> None:
    one = mean_interval([7.5])
    assert (one.mean, one.low, one.high) == (7.5, None, None)
    with pytest.raises(ValueError, match="no value"):
        mean_interval([])


def test_coverage_for_few_normal_values() -> None:
    generator = np.random.default_rng(8)
    covered = 0
    for values in generator.normal(10.0, 3.0, (2000, 4)).tolist():
        interval = mean_interval(values)
        assert interval.low is not None and interval.high is not None
        covered += interval.low <= 10.0 <= interval.high
    # 95% within four standard errors. The normal quantile would cover 85%.
    assert covered / 2000 == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval(successes: int, trials: int, low: float, high: float) -> None:
    interval = wilson_interval(successes, trials)
    assert interval.low == pytest.approx(low, abs=5e-5)
    assert interval.high == pytest.approx(high, abs=5e-5)
    mirrored = wilson_interval(trials - successes, trials)
    assert mirrored.low == pytest.approx(1.0 - high, abs=5e-5)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 5)])
def test_wilson_interval_refuses_invalid_counts(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="successes"):
        wilson_interval(successes, trials)


def test_welchs_interval_of_a_difference() -> None:
    """Two samples of unlike size and spread, as R's t.test gives them."""
    first, second = [1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 8.0, 5.0]
    found = difference_interval(first, second)
    # errors 2.5 / 5 and 9 / 3: 3.5^2 / (0.5^2 / 4 + 3^2 / 2) = 2.685 degrees of freedom, so 2
    half = 4.302653 * 3.5**0.5
    assert found.mean == pytest.approx(-2.0)
    assert found.low == pytest.approx(-2.0 - half)
    assert found.high == pytest.approx(-2.0 + half)


def test_the_difference_of_constants_is_exact() -> None:
    found = difference_interval([2.0, 2.0], [1.0, 1.0, 1.0])
    assert (found.mean, found.low, found.high) == (1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="two values"):
        difference_interval([1.0], [1.0, 2.0])
