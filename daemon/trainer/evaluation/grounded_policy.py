"""Loads a policy without a simulation, which would be compiled for a minute at first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from stable_baselines3.common.vec_env import DummyVecEnv

from daemon.config.schema import Config
from daemon.trainer.evaluation.policy_pilot import PolicyPilot
from daemon.trainer.flyable import find_vehicle
from env.physics.vehicle import Vehicle
from env.task.observation import observation_table


class _Spaces(gymnasium.Env[Any, Any]):
    """What a model is built from: the shapes of observations and actions."""

    def __init__(self, vehicle: Vehicle) -> None:
        size = len(observation_table(vehicle))
        self.observation_space = spaces.Box(-np.inf, np.inf, (size,), np.float32)
        self.action_space = spaces.Box(-1.0, 1.0, (vehicle.n_actions,), np.float32)


def load_grounded_policy(folder: Path, config: Config) -> PolicyPilot:
    """The policy of a checkpoint whose digests the caller has verified.

    Raises UnusableConfigError, and UnusableCheckpointError if it does not fit this version.
    """
    vehicle = find_vehicle(config)
    return PolicyPilot.load(folder, config, DummyVecEnv([lambda: _Spaces(vehicle)]))
