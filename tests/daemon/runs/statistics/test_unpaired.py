"""Comparisons of independent samples, against published examples and against R."""

from __future__ import annotations

import pytest

from daemon.runs.statistics.intervals import difference_interval, mean_interval, student_p_value
from daemon.runs.statistics.unpaired import fisher_p_value, holm, rates_interval, welch

# Student, Biometrika 6 (1908) 1: hours of sleep gained by two drugs
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998) 873, table II, method 10
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_newcombes_interval(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    found = rates_interval(*counts)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "p_value"),
    # Fisher's tea tasting (1935), 17 / 35; the example of R's and of SciPy's documentation
    [((3, 4, 1, 4), 0.4857), ((1, 10, 11, 14), 0.00276), ((5, 5, 5, 5), 1.0), ((0, 9, 0, 7), 1.0)],
)
def test_fishers_exact_test(counts: tuple[int, int, int, int], p_value: float) -> None:
    assert fisher_p_value(*counts) == pytest.approx(p_value, abs=5e-5)
    first, of_first, second, of_second = counts
    assert fisher_p_value(second, of_second, first, of_first) == fisher_p_value(*counts)


def test_welch_from_summaries_is_welch_from_values() -> None:
    found = welch(mean_interval(FIRST), len(FIRST), mean_interval(SECOND), len(SECOND))
    assert found is not None
    interval, p_value = found
    expected = difference_interval(FIRST, SECOND)
    assert interval.mean == pytest.approx(expected.mean)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))
    # As R's t.test, but for the degrees of freedom, 17.8 there
    assert p_value == pytest.approx(0.07939, abs=1e-3)
    alike = mean_interval([1.0, 1.0])
    assert welch(alike, 2, alike, 2) == (mean_interval([0.0, 0.0]), 1.0)
    assert welch(mean_interval([1.0]), 1, alike, 2) is None


@pytest.mark.parametrize(
    ("t", "freedom", "p_value"),
    [(12.7062, 1, 0.05), (2.228139, 10, 0.05), (3.169273, 10, 0.01), (1.967903, 300, 0.05)],
)
def test_p_values_of_students_t(t: float, freedom: int, p_value: float) -> None:
    assert student_p_value(t, freedom) == pytest.approx(p_value, rel=1e-4)
    assert student_p_value(-t, freedom) == student_p_value(t, freedom)


def test_p_values_of_extreme_t() -> None:
    assert student_p_value(0.0, 5) == 1.0
    assert student_p_value(float("inf"), 5) == 0.0


def test_holms_adjustment() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.7, 0.9]) == [1.0, 1.0]
    assert holm([0.2]) == [0.2]
    assert holm([]) == []


def test_what_is_no_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="rates"):
        fisher_p_value(3, 2, 1, 2)
