"""A small model on a real fleet, and ways to corrupt its numbers."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper, VecNormalize

from daemon.config import Config
from daemon.trainer.algorithms import factory
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.fleets import build_fleet
from env.fleet import LanderFleet
from env.task.observation import observation_table

ALGORITHMS = ("ppo", "sac", "td3")


class CorruptedRewards(VecEnvWrapper):
    """Replaces one lander's reward in step number `step`, counted from 1."""

    def __init__(self, venv: VecEnv, *, step: int, reward: float) -> None:
        super().__init__(venv)
        self._left, self._reward = step, reward

    def reset(self) -> Any:
        return self.venv.reset()

    def step_wait(self) -> Any:
        observations, rewards, dones, infos = self.venv.step_wait()
        self._left -= 1
        if self._left == 0:
            rewards[1] = self._reward
        return observations, rewards, dones, infos


class Bench:
    """Fleet, statistics and model of a configuration, as in a training."""

    def __init__(self, config: Config, *, step: int = 0, reward: float = 0.0) -> None:
        """In step number `step` (0: never) lander 1 gets `reward`."""
        self.config = config
        self.fleet: LanderFleet = build_fleet(config, config.curriculum.stages[0], 4)
        self.names = [row.name for row in observation_table(self.fleet.settings.vehicle)]
        self.normalizer: VecNormalize = build_normalizer(
            config, CorruptedRewards(self.fleet, step=step, reward=reward), training=True
        )
        self.model: BaseAlgorithm = factory.build(config, self.normalizer)
        self.model.set_logger(Logger(None, []))

    def parameters(self) -> dict[str, torch.Tensor]:
        """A copy of the policy's parameters."""
        return {name: value.clone() for name, value in self.model.policy.state_dict().items()}

    def learn(self, steps: int, callback: Any = None) -> None:
        """Fly and learn for `steps` more environment steps."""
        self.model.learn(steps, callback=callback, log_interval=2**62, reset_num_timesteps=False)


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Whether both are bitwise equal."""
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def corrupt_velocity(fleet: LanderFleet, lander: int) -> None:
    """Put a NaN into a craft's velocity, in Basilisk's own memory."""
    address = int(fleet._buffers.state_address[lander, 1])
    np.ctypeslib.as_array((ctypes.c_double * 3).from_address(address))[0] = np.nan
