"""Discounted returns of flights, scaled as PPO's rollouts are."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from stable_baselines3.common.vec_env import VecNormalize

from daemon.trainer.cloning.labelled_flights import Flown

NEGLIGIBLE = 0.02  # a step whose return lacks rewards that count less than this is no sample


def scale_rewards(normalizer: VecNormalize, flown: Flown) -> npt.NDArray[np.float64]:
    """Rewards (T, N) divided by the standard deviation of their discounted returns.

    The statistics of returns are updated first, as in a rollout (FleetPPO).
    """
    rewards = flown.rewards.astype(np.float64)
    if not normalizer.norm_reward:
        return rewards
    running = np.zeros(rewards.shape[1])
    returns = np.empty_like(rewards)
    for step, reward in enumerate(rewards):
        running = running * normalizer.gamma + reward
        returns[step] = running
        running[flown.ended[step]] = 0.0
    normalizer.ret_rms.update(returns.ravel())
    scaled = rewards / math.sqrt(float(normalizer.ret_rms.var) + normalizer.epsilon)
    limited: npt.NDArray[np.float64] = np.clip(
        scaled, -normalizer.clip_reward, normalizer.clip_reward
    )
    return limited


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
