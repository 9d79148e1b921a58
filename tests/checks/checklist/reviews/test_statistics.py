import random

import pytest

from checks.checklist.reviews.learning import trend
from checks.checklist.reviews.statistics import batch_interval, difference, direction
from checks.wording import number
from daemon.runs.statistics.intervals import Interval


def rolling(seed: int, count: int = 1440, window: int = 30) -> list[float]:
    """Means of a window that moves on by one: neighbours resemble each other; the mean is 0."""
    source = random.Random(seed)
    noise = [source.gauss(0.0, 1.0) for _ in range(count + window)]
    return [sum(noise[i : i + window]) / window for i in range(count)]


def test_the_interval_of_a_moving_mean_contains_the_truth() -> None:
    """As if they were independent, fewer than a third of the intervals would contain it."""
    found = [batch_interval(rolling(seed)) for seed in range(200)]
    within = sum((one.low or 0.0) <= 0.0 <= (one.high or 0.0) for one in found)
    assert 0.88 <= within / len(found) <= 0.99


def test_few_values_have_no_interval() -> None:
    assert batch_interval([1.0, 2.0, 3.0]) == Interval(2.0, None, None)
    with pytest.raises(ValueError, match="mean"):
        batch_interval([])


def test_a_change_needs_an_interval_without_zero() -> None:
    clear = difference(Interval(10.0, 9.0, 11.0), Interval(5.0, 4.0, 6.0))
    assert (clear.low, clear.high) == pytest.approx((5.0 - 2.0**0.5, 5.0 + 2.0**0.5))
    assert direction(clear) == "up"
    assert direction(difference(Interval(5.0, 4.0, 6.0), Interval(10.0, 9.0, 11.0))) == "down"
    assert direction(difference(Interval(5.0, 4.0, 6.0), Interval(5.5, 4.0, 7.0))) == (
        "no clear change"
    )
    assert direction(difference(Interval(5.0, None, None), Interval(1.0, 0.0, 2.0))) == (
        "no clear change"
    )


def test_a_trend_is_of_one_difficulty() -> None:
    """Harder starts lower the reward of a policy that is getting better."""
    easy, hard = [100.0 + i for i in range(40)], [20.0 + i for i in range(40)]
    found = trend("reward", {2.0: easy[:10], 2.25: hard}, {2.0: [90.0] * 40}, number)
    assert found.figures["difficulty"] == 2.0
    assert found.figures["change"] == pytest.approx(14.5)
    assert "at difficulty 2.25, flown most" in found.text
    alone = trend("reward", {2.25: hard}, {2.0: easy}, number)
    assert alone.figures["compared_with"] == "first half"
    assert "not flown before; 50 in its second half, 30 in the first, up: 20 (95%: " in alone.text
