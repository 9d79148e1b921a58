"""Whether the reward went on as before an interruption."""

from __future__ import annotations

import pytest

from landerctl.drills.recovery.resume import judge_rewards

EPISODES = 100


def rewards(mean: float) -> list[float]:
    """A hundred, with a standard deviation of about 10."""
    return [mean + (10.0 if number % 2 else -10.0) for number in range(EPISODES)]


@pytest.mark.parametrize(
    ("after", "twin", "holds"),
    [
        (0.0, 0.0, True),
        (-1.0, 50.0, True),  # within chance of before
        (20.0, 0.0, True),
        (-20.0, -20.0, True),  # learning made both worse
        (-20.0, -40.0, True),
        (-20.0, 0.0, False),  # the interruption did
    ],
)
def test_a_fall_counts_unless_the_twin_fell_too(after: float, twin: float, holds: bool) -> None:
    found = judge_rewards(rewards(0.0), rewards(after), rewards(twin))
    assert found.holds is holds
    assert found.figures["reward_change"] == pytest.approx(after)
    assert found.figures["reward_against_twin"] == pytest.approx(after - twin)
    # Welch's of two equal spreads: 1.97 standard errors of 10.05 * sqrt(2 / 100)
    assert found.figures["reward_change_high"] == pytest.approx(after + 2.80, abs=0.01)
    assert found.figures["episodes"] == EPISODES
