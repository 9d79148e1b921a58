"""Paired comparisons against published examples, and their coverage."""

from __future__ import annotations

import numpy as np
import pytest

from daemon.runs.statistics.paired import (
    mcnemar_p_value,
    newcombe_interval,
    paired_interval,
    paired_rates,
)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998) 2635, table II, method 10
        ((36, 12, 2, 0), 0.0569, 0.3404),
        # Altman, Machin, Bryant and Gardner, Statistics with Confidence (2000), table 6.2
        ((14, 5, 0, 22), 0.011, 0.226),
        # Armitage and Berry (1994) 127, as StatsDirect computes it
        ((20, 12, 2, 16), 0.056156, 0.329207),
        # Bentur et al. (2009), in Fagerland, Lydersen and Laake, Statistical Analysis of
        # Contingency Tables (2017), chapter 8
        ((1, 1, 7, 12), -0.507, -0.026),
    ],
)
def test_newcombes_interval(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    found = newcombe_interval(*counts)
    digits = 5e-7 if low == 0.056156 else 5e-4
    assert found.low == pytest.approx(low, abs=digits)
    assert found.high == pytest.approx(high, abs=digits)
    both, first, second, neither = counts
    mirrored = newcombe_interval(both, second, first, neither)
    assert (mirrored.mean, mirrored.low) == pytest.approx((-found.mean, -high), abs=digits)


def test_newcombes_interval_without_a_discordant_pair() -> None:
    alike = newcombe_interval(200, 0, 0, 0)
    assert alike.mean == 0.0
    assert alike.low == pytest.approx(-0.0188, abs=5e-4)  # Wilson's for 200 of 200
    unlike = newcombe_interval(0, 9, 0, 0)
    assert unlike.mean == unlike.high == 1.0


def test_newcombes_interval_covers_the_difference() -> None:
    """4,000 sets of 100 correlated pairs, rates 0.95 and 0.90: within four standard errors."""
    generator = np.random.default_rng(3)
    covered = 0
    for counts in generator.multinomial(100, [0.87, 0.08, 0.03, 0.02], 4000).tolist():
        found = newcombe_interval(*counts)
        assert found.low is not None and found.high is not None
        covered += found.low <= 0.05 <= found.high
    assert covered / 4000 == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(
    ("pairs", "p_value"),
    # Armitage and Berry (1994); Fagerland, Lydersen and Laake, BMC Medical Research Methodology 13
    # (2013) 91, tables 1 and 2, exact conditional test; Altman et al. (2000)
    [((12, 2), 0.0129), ((1, 7), 0.0703), ((6, 16), 0.0525), ((5, 0), 0.0625), ((3, 3), 1.0)],
)
def test_mcnemars_exact_test(pairs: tuple[int, int], p_value: float) -> None:
    assert mcnemar_p_value(*pairs) == pytest.approx(p_value, abs=5e-5)
    assert mcnemar_p_value(*reversed(pairs)) == mcnemar_p_value(*pairs)


def test_mcnemars_test_of_none_and_of_many() -> None:
    assert mcnemar_p_value(0, 0) == 1.0
    assert mcnemar_p_value(2000, 1500) == pytest.approx(2.9e-17, rel=0.1)


def test_rates_are_counted_pair_by_pair() -> None:
    first = [True] * 36 + [True] * 12 + [False] * 2
    second = [True] * 36 + [False] * 12 + [True] * 2
    found = paired_rates(first, second)
    assert (found.both, found.first_only, found.second_only, found.neither) == (36, 12, 2, 0)
    assert found.difference == newcombe_interval(36, 12, 2, 0)
    assert found.p_value == mcnemar_p_value(12, 2)


@pytest.mark.parametrize(("first", "second"), [([], []), ([True], [])])
def test_what_is_not_paired_is_refused(first: list[bool], second: list[bool]) -> None:
    with pytest.raises(ValueError, match=r"trials|paired"):
        paired_rates(first, second)
    with pytest.raises(ValueError, match=r"mean|zip"):
        paired_interval([float(one) for one in first], [float(one) for one in second])


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        newcombe_interval(1, -1, 2, 3)
    with pytest.raises(ValueError, match="negative"):
        mcnemar_p_value(-1, 2)


def test_students_paired_interval() -> None:
    """Student, Biometrika 6 (1908) 1: sleep gained by two drugs (h), as R's t.test gives it."""
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    found = paired_interval(first, second)
    assert found.mean == pytest.approx(-1.58)
    assert found.low == pytest.approx(-2.4598858, abs=1e-6)
    assert found.high == pytest.approx(-0.7001142, abs=1e-6)
