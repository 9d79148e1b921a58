"""A leak is seen, memory that settles or jumps once is none."""

from __future__ import annotations

import math
import random

import pytest

from daemon.trainer.commands.drills.memory import growth, judge_closes, judge_resets

FLEET = 128
BYTES = 400e6
SAMPLES = 100


def leaking(bytes_an_episode: float, noise_bytes: float = 0.0) -> list[float]:
    """What 20 resets of a fleet between two samples would add."""
    draws = random.Random(1)
    return [
        BYTES + k * 20 * FLEET * bytes_an_episode + draws.gauss(0.0, noise_bytes)
        for k in range(SAMPLES)
    ]


@pytest.mark.parametrize(
    "samples",
    [
        leaking(0.0),
        leaking(0.0, noise_bytes=1e6),
        [BYTES - 80e6 * math.exp(-k / 5) for k in range(SAMPLES)],  # allocators settle
        [BYTES + (2e6 if k > 60 else 0.0) for k in range(SAMPLES)],  # one arena more
        leaking(-20.0),
    ],
)
def test_memory_that_does_not_grow_is_flat(samples: list[float]) -> None:
    assert judge_resets(samples, FLEET).holds is True


@pytest.mark.parametrize("noise_bytes", [0.0, 1e6])
@pytest.mark.parametrize("bytes_an_episode", [64.0, 1000.0])
def test_a_leak_of_an_object_an_episode_is_seen(
    bytes_an_episode: float, noise_bytes: float
) -> None:
    found = judge_resets(leaking(bytes_an_episode, noise_bytes), FLEET)
    assert found.holds is False
    upper = found.figures["upper_bytes_per_episode"]
    assert isinstance(upper, float)
    assert upper == pytest.approx(bytes_an_episode, rel=0.1)
    assert "2,000 resets of 128 landers" in found.text


def test_growth_is_the_slope_with_its_interval() -> None:
    """A line of slope 1 over 12 points; an error of 0.1 that alternates adds 0.6 / 143 to it."""
    samples = [0.0] * 4 + [100.0 + k + (0.1 if k % 2 else -0.1) for k in range(12)]
    found = growth(samples)
    assert found.share == pytest.approx(11 * (1.0 + 0.6 / 143) / 99.9)
    assert found.share < found.upper < found.share * 1.05


def test_too_few_samples_are_no_series() -> None:
    with pytest.raises(ValueError, match="at least 8"):
        growth([1.0] * 7)


def test_fleets_that_close_does_not_free_are_seen() -> None:
    assert judge_closes(BYTES, BYTES + 5e6).holds is True
    leaked = judge_closes(BYTES, BYTES + 20 * 18e6)  # a fleet of 128 takes about 18 MB
    assert (leaked.holds, leaked.figures["growth_percent"]) == (False, 90.0)
