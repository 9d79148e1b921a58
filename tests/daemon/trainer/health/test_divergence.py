"""Signs of divergence are detected, without false alarms."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from daemon.config import load_config
from daemon.protocol.trainer import EventReport, encode_line, report_decoder
from daemon.store.catalogs.event_catalog import CATALOGUE
from daemon.trainer.health.divergence import (
    BLOCK_EPISODES,
    LEVEL_BLOCKS,
    LOSSES,
    DivergenceState,
    DivergenceWatch,
    Finding,
    Sample,
    measure,
    to_event,
)

LIMITS = load_config(None).config.divergence
ITERATION = 16_384  # environment steps of the default PPO rollout
RECORDED = Path(__file__).with_name("recorded_training.csv")


def sample(
    number: int,
    *,
    kl: float | None = None,
    loss: float | None = None,
    rewards: Iterable[float] = (),
    difficulty: tuple[int, int] = (1, 0),
) -> Sample:
    return Sample(number * ITERATION, kl, loss, None, list(rewards), difficulty)


def watched(samples: Iterable[Sample]) -> list[Finding]:
    watch = DivergenceWatch(LIMITS)
    return [finding for one in samples for finding in watch.add(one)]


def test_kl_is_reported_once_after_consecutive_updates_and_once_at_its_end() -> None:
    kls = [0.2] * (LIMITS.kl_updates - 1) + [0.02] + [0.2] * (LIMITS.kl_updates + 3) + [0.02, 0.02]
    findings = watched(sample(k, kl=kl) for k, kl in enumerate(kls))
    began = LIMITS.kl_updates - 1 + 1 + LIMITS.kl_updates - 1
    assert [(f.sign, f.over, f.timesteps // ITERATION) for f in findings] == [
        ("kl", False, began),
        ("kl", True, began + 4),
    ]
    assert findings[0].text == "approx_kl 0.2 is above 0.1, 5 updates in a row"
    assert (findings[0].value, findings[0].limit) == (0.2, LIMITS.kl)


@pytest.mark.parametrize("kl", [math.nan, math.inf])
def test_a_nan_kl_is_above_every_limit(kl: float) -> None:
    (finding,) = watched(sample(k, kl=kl) for k in range(LIMITS.kl_updates))
    assert finding.sign == "kl"
    assert isinstance(report_decoder.decode(encode_line(to_event(finding))), EventReport)


def test_value_loss_is_compared_with_its_median_until_it_has_recovered() -> None:
    normal = [0.1 + 0.01 * (k % 3) for k in range(LOSSES)]
    # Diverging losses must not enter the median, or they would soon count as normal.
    losses = normal + [2.3] * 100 + [1.5] + [1.0]
    findings = watched(sample(k, loss=loss) for k, loss in enumerate(losses))
    assert [(f.over, f.timesteps // ITERATION) for f in findings] == [
        (False, LOSSES),
        (True, LOSSES + 101),
    ]
    assert findings[0].limit == pytest.approx(0.11 * LIMITS.value_loss_ratio)
    assert "value loss 2.3, median of 50 iterations 0.11" in findings[0].text


def test_value_loss_is_not_judged_without_a_history() -> None:
    assert not watched(sample(k, loss=10.0**k) for k in range(-LOSSES, 0))


def steady(count: int, mean: float, *, first: int = 0, **other: Any) -> list[Sample]:
    """Iterations of 70 episodes with a deviation of 100."""
    rewards = [mean - 100.0, mean + 100.0] * 35
    return [sample(first + k, rewards=rewards, **other) for k in range(count)]


# Blocks of 100,000 steps end with every seventh iteration.
BLOCK = -(-LIMITS.reward_drop_steps // ITERATION)
LEVELLED = BLOCK * LEVEL_BLOCKS + 1


@pytest.mark.parametrize(
    ("best", "then", "found"),
    [
        (1000.0, 790.0, True),
        (1000.0, 810.0, False),
        (1000.0, 1300.0, False),
        (100.0, -10.0, True),  # 0.2 of the floor of 500 below 100
        (100.0, 10.0, False),
        (-400.0, -510.0, True),
        (-400.0, -490.0, False),
        (-1000.0, -1190.0, False),
        (-1000.0, -1210.0, True),
    ],
)
def test_a_reward_drop_is_reported_after_its_steps(best: float, then: float, found: bool) -> None:
    findings = watched(steady(LEVELLED, best) + steady(BLOCK, then, first=LEVELLED))
    assert [f.sign for f in findings] == ["reward"] * found
    if found:
        assert findings[0].timesteps == (LEVELLED + BLOCK - 1) * ITERATION
        assert findings[0].value == pytest.approx(then)
        assert f"mean reward {then:.0f} over 114,688 steps (490 episodes)" in findings[0].text
        assert f"best level {best:.0f} at {(LEVELLED - 1) * ITERATION:,} steps" in findings[0].text


def test_a_reward_drop_is_reported_once_and_ends_when_half_is_recovered() -> None:
    means = [1000.0] * LEVEL_BLOCKS + [700.0, 600.0, 850.0, 910.0, 900.0]
    samples = steady(1, 0.0)
    for mean in means:
        samples += steady(BLOCK, mean, first=len(samples))
    findings = watched(samples)
    assert [(f.over, f.value) for f in findings] == [(False, 700.0), (True, 910.0)]


def test_a_short_dip_is_no_drop() -> None:
    dip = steady(1, 0.0, first=LEVELLED) + steady(20 * BLOCK, 1000.0, first=LEVELLED + 1)
    assert not watched(steady(LEVELLED, 1000.0) + dip)


def test_rewards_of_another_difficulty_are_not_compared() -> None:
    before = steady(LEVELLED, 1000.0)
    harder = steady(10 * BLOCK, 200.0, first=LEVELLED, difficulty=(2, 0))
    ramp = steady(10 * BLOCK, -300.0, first=LEVELLED + 10 * BLOCK, difficulty=(2, 1))
    assert not watched(before + harder + ramp)
    dropped = steady(BLOCK, 500.0, first=LEVELLED)
    findings = watched(before + dropped + steady(1, 0.0, first=LEVELLED + BLOCK, difficulty=(2, 0)))
    assert [f.over for f in findings] == [False, True]
    assert "the difficulty has changed" in findings[1].text


def test_blocks_with_few_episodes_are_extended() -> None:
    def slow(mean: float, first: int) -> list[Sample]:
        rewards = [mean - 100.0, mean + 100.0] * 5
        blocks = BLOCK_EPISODES // len(rewards)
        return [sample(first + k, rewards=rewards) for k in range(blocks)]

    samples = steady(1, 0.0)
    for mean in [1000.0] * LEVEL_BLOCKS + [600.0]:
        samples += slow(mean, len(samples))
    (finding,) = watched(samples)
    assert f"({BLOCK_EPISODES} episodes)" in finding.text
    assert finding.timesteps == samples[-1].timesteps


@pytest.mark.parametrize("steps_per_episode", [120, 400, 1500])
@pytest.mark.parametrize("success", [0.1, 0.4, 0.65, 0.9])
def test_random_variation_is_no_drop(success: float, steps_per_episode: int) -> None:
    """60 M steps of a constant policy: landings at 1300, crashes at -350."""
    chance = np.random.default_rng(steps_per_episode)

    def rewards() -> list[float]:
        count = chance.poisson(ITERATION / steps_per_episode)
        landed = chance.random(count) < success
        values: list[float] = np.where(
            landed, chance.normal(1300.0, 120.0, count), chance.normal(-350.0, 200.0, count)
        ).tolist()
        return values

    kls, losses = chance.normal(0.02, 0.005, 3660), chance.lognormal(-2.0, 0.5, 3660)
    assert not watched(sample(k, kl=kls[k], loss=losses[k], rewards=rewards()) for k in range(3660))


def recorded() -> list[Sample]:
    """The log of a PPO training of 15.5 M steps with the default configuration.

    Of its rewards each rollout's mean and number are known; the spread is that of landings and
    crashes 1500 apart.
    """
    with RECORDED.open(newline="", encoding="utf-8") as stream:
        rows = [{k: float(number) for k, number in row.items()} for row in csv.DictReader(stream)]
    samples = []
    for row in rows:
        success = row["success_rate"]
        spread = 1500.0 * math.sqrt(success * (1.0 - success))
        pairs = round(row["episodes"] / 2)
        rewards = [row["reward_mean"] - spread, row["reward_mean"] + spread] * pairs
        samples.append(
            Sample(
                timesteps=int(row["timesteps"]),
                approx_kl=row["approx_kl"],
                value_loss=row["value_loss"],
                explained_variance=row["explained_variance"],
                rewards=rewards,
                difficulty=(int(row["stage"]), 0),
            )
        )
    return samples


def test_a_real_training_shows_only_its_real_drop() -> None:
    """Success fell from 54% to 25% within 300,000 steps, and recovered."""
    samples = recorded()
    assert len(samples) == 948
    findings = watched(samples)
    assert [(f.sign, f.over) for f in findings] == [("reward", False), ("reward", True)]
    began, ended = (f.timesteps for f in findings)
    assert 2_200_000 < began < 2_400_000 < ended < 2_700_000


@pytest.mark.parametrize(
    ("sign", "corrupt"),
    [
        ("kl", lambda s, k: replace(s, approx_kl=s.approx_kl * 1.3**k)),
        ("value_loss", lambda s, k: replace(s, value_loss=s.value_loss * 1.3**k)),
        ("reward", lambda s, k: replace(s, rewards=[r - 30.0 * k for r in s.rewards])),
    ],
)
def test_the_same_training_with_faults_is_detected(
    sign: str, corrupt: Callable[[Sample, int], Sample]
) -> None:
    samples = recorded()[:840]
    wrong = [corrupt(one, k) for k, one in enumerate(samples[800:], 1)]
    findings = [f for f in watched(samples[:800] + wrong) if f.timesteps > samples[799].timesteps]
    assert [(f.sign, f.over) for f in findings] == [(sign, False)]


def test_a_watch_resumes_from_its_saved_state() -> None:
    samples = recorded()
    whole = watched(samples)
    for cut in (1, 7, 60, 139, 145, 160, 700):
        first = DivergenceWatch(LIMITS)
        findings = [finding for one in samples[:cut] for finding in first.add(one)]
        saved = msgspec.json.encode(first.state)
        second = DivergenceWatch(LIMITS, msgspec.json.decode(saved, type=DivergenceState))
        findings += [finding for one in samples[cut:] for finding in second.add(one)]
        assert findings == whole


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ('"kl_above":-1', "is negative"),
        ('"difficulty":[-1,0]', "is negative"),
        ('"block_squares":-0.5', "is negative"),
        ('"value_losses":[%s1]' % ("1," * LOSSES), "value_losses has 51 values of 50"),
        ('"block_means":[%s1]' % ("1," * LEVEL_BLOCKS), "block_means has 6 values of 5"),
        ('"best":1e999', "out of range"),
        ('"value_losses":[null]', r"value_losses\[0\]"),
        ('"signs":["kl","kl"]', "twice"),
        ('"signs":["mood"]', r"signs\[0\]"),
        ('"luck":1', "unknown field `luck`"),
    ],
)
def test_an_invalid_state_is_refused_with_its_fault(fault: str, message: str) -> None:
    with pytest.raises(msgspec.DecodeError, match=message):
        msgspec.json.decode("{" + fault + "}", type=DivergenceState)


def test_the_sample_is_built_from_the_logged_values() -> None:
    ppo = {
        "train/approx_kl": np.float32(0.25),
        "train/value_loss": 0.2,
        "train/explained_variance": 0.9,
    }
    made = measure(ppo, timesteps=5, rewards=[1.0], difficulty=(2, 1))
    assert made == Sample(5, 0.25, 0.2, 0.9, [1.0], (2, 1))
    assert msgspec.json.encode(made)
    made = measure({"train/critic_loss": 0.3}, timesteps=5, rewards=[], difficulty=(1, 0))
    assert (made.approx_kl, made.value_loss, made.explained_variance) == (None, 0.3, None)


@pytest.mark.parametrize("over", [False, True])
def test_a_finding_is_an_event_of_the_catalogue(over: bool) -> None:
    event = to_event(Finding("reward", over, "text", 7, 1.0, 2.0))
    kind = CATALOGUE[event.name]
    assert event.severity == kind.severity
    assert tuple(event.body) == kind.fields
