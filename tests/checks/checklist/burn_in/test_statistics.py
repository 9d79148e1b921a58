"""The slope's interval, and linear or exponential growth, on series with known truth."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from checks.checklist.burn_in.growth import growth_of
from checks.checklist.burn_in.slope import Point, block_medians, slope_of

HOUR_S = 3600.0
DAY_S = 86_400.0
BLOCK_S = 1800.0
SEEDS = 60


def blocks(
    seed: int, correlation: float, trend: Callable[[float], float], hours: float = 72.0
) -> list[Point]:
    """A memory of 600 MB that wanders by 5 MB, with peaks of 300 MB, each three minutes."""
    drawn, last, points = random.Random(seed), 0.0, []
    for step in range(round(hours * 20)):
        last = correlation * last + 5e6 * math.sqrt(1 - correlation**2) * drawn.gauss(0.0, 1.0)
        peak = 300e6 if drawn.random() < 0.02 else 0.0
        points.append((180.0 * step, 600e6 + last + peak + trend(step / 20.0)))
    return block_medians(points, BLOCK_S)


@pytest.mark.parametrize("correlation", [0.0, 0.99])
def test_noise_alone_is_rarely_taken_for_growth(correlation: float) -> None:
    """Of 60 series without growth at most 4 have an interval above 0; 1.5 are to be expected."""
    found = [slope_of([blocks(seed, correlation, lambda _: 0.0)]) for seed in range(SEEDS)]
    assert sum(one is not None and one.low > 0.0 for one in found) <= 4
    assert all(one is not None and one.high * DAY_S < 0.05e9 for one in found)


def test_the_interval_contains_the_truth() -> None:
    slope = 0.3e9 / 24.0
    found = [slope_of([blocks(seed, 0.95, lambda hour: slope * hour)]) for seed in range(SEEDS)]
    inside = [one is not None and one.low <= slope / HOUR_S <= one.high for one in found]
    assert sum(inside) >= 52


def test_processes_are_not_compared_with_each_other() -> None:
    first = blocks(1, 0.5, lambda _: 0.0, 30.0)
    second = [(time_s, value + 900e6) for time_s, value in blocks(2, 0.5, lambda _: 0.0, 30.0)]
    found = slope_of([first, second])
    assert found is not None
    assert found.low <= 0.0 <= found.high
    assert found.high * DAY_S < 0.1e9


def test_a_constant_has_no_slope_and_no_interval() -> None:
    flat = [(BLOCK_S * step, 40.0) for step in range(100)]
    found = slope_of([flat])
    assert found is not None
    assert (found.low, found.estimate, found.high) == (0.0, 0.0, 0.0)
    growth = growth_of(flat)
    assert growth is not None
    assert not growth.exponential


def test_few_blocks_say_nothing() -> None:
    few = [(BLOCK_S * step, float(step)) for step in range(11)]
    assert slope_of([few]) is None
    assert slope_of([few[:2]] * 5) is None
    assert growth_of(few) is None


def test_a_wandering_series_widens_the_interval() -> None:
    drawn, last, walk = random.Random(5), 0.0, []
    for step in range(144):
        last += drawn.gauss(0.0, 5e6)
        walk.append((BLOCK_S * step, 600e6 + last))
    found = slope_of([walk])
    assert found is not None
    assert found.correlation > 0.8
    assert found.low < 0.0 or found.high > 2.0 * found.estimate


SHAPES: dict[str, tuple[bool, Callable[[float], float]]] = {
    "none": (False, lambda hour: 0.0),
    "linear": (False, lambda hour: 1e9 * hour / 24.0),
    "slow": (False, lambda hour: 0.05e9 * hour / 24.0),
    "saturating": (False, lambda hour: 200e6 * (1.0 - math.exp(-hour / 8.0))),
    "a jump": (False, lambda hour: 50e6 if hour > 30.0 else 0.0),
    "a late jump": (False, lambda hour: 50e6 if hour > 65.0 else 0.0),
    "doubles in 12 h": (True, lambda hour: 2e6 * 2.0 ** (hour / 12.0)),
    "doubles in 6 h": (True, lambda hour: 1e5 * 2.0 ** (hour / 6.0)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_linear_growth_is_distinguished_from_exponential(shape: str) -> None:
    """Of 20 series of each shape none is taken for the other."""
    exponential, trend = SHAPES[shape]
    for seed in range(20):
        found = growth_of(blocks(seed, 0.9, trend))
        assert found is not None
        assert found.exponential is exponential, (seed, found)
