"""Discounted returns of flights."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

NEGLIGIBLE = 0.02  # a step whose return lacks rewards that count less than this is no sample


def discounted(
    rewards: npt.NDArray[np.float64], ended: npt.NDArray[np.bool_], gamma: float
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Returns (T, N) of each step to its episode's end, and which of them are known (T, N).

    Known are those of episodes that ended, and those so long before the last step that what is
    missing hardly counts.
    """
    steps = len(rewards)
    found = np.zeros(rewards.shape)
    known = np.zeros(rewards.shape, bool)
    following = np.zeros(rewards.shape[1])
    over = np.zeros(rewards.shape[1], bool)
    for step in reversed(range(steps)):
        following = rewards[step] + gamma * np.where(ended[step], 0.0, following)
        over |= ended[step]
        found[step] = following
        known[step] = over | (gamma ** (steps - step) < NEGLIGIBLE)
    return found.astype(np.float32), known
