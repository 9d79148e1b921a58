"""Evaluation flies each seed once and measures what it says."""

from __future__ import annotations

import pytest

from daemon.trainer import algorithms
from daemon.trainer.evaluation import fly_episodes, summarize, wilson
from daemon.trainer.fleets import build_fleet
from daemon.trainer.normalizer import build_normalizer
from env.fleet import Episode
from tests.daemon.trainer.conftest import small_config

CONFIG = small_config()


def fly(fleet_size: int, episodes: int) -> list[Episode]:
    fleet = build_fleet(CONFIG, CONFIG.curriculum.stages[0], fleet_size)
    normalizer = build_normalizer(CONFIG, fleet, training=False)
    model = algorithms.build(CONFIG, normalizer)
    flown = fly_episodes(model, normalizer, fleet, first_seed=5000, episodes=episodes)
    fleet.close()
    return flown


def test_each_seed_once_in_order_whatever_the_fleets_size() -> None:
    few, many = fly(2, 7), fly(7, 7)
    assert [episode.seed for episode in few] == list(range(5000, 5007))
    for one, other in zip(few, many, strict=True):
        assert one.seed == other.seed
        assert one.outcome == other.outcome
        # the network's sums differ in their last bits with the batch's size
        assert one.steps == pytest.approx(other.steps, abs=5)


def test_the_summary_counts_every_episode() -> None:
    flown = fly(4, 6)
    result = summarize(flown, checkpoint="c", stage=1, first_seed=5000)
    assert sum(result.outcomes.values()) == result.episodes == 6
    assert result.success_rate.low <= result.success_rate.mean <= result.success_rate.high
    with pytest.raises(ValueError, match="no episode"):
        summarize([], checkpoint="c", stage=1, first_seed=0)


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
    interval = wilson(successes, trials)
    assert interval.low == pytest.approx(low, abs=5e-5)
    assert interval.high == pytest.approx(high, abs=5e-5)
