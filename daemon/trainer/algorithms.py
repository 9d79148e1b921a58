"""PPO, SAC and TD3 from configuration, new or from a verified model archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from stable_baselines3 import PPO, SAC, TD3
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.noise import NormalActionNoise
from stable_baselines3.common.vec_env import VecNormalize

from daemon.config.schema import Config

OFF_POLICY_STEPS = 16  # of each lander: seconds, so that heartbeats and orders do not wait
CLASSES: dict[str, type[BaseAlgorithm]] = {"ppo": PPO, "sac": SAC, "td3": TD3}


def build(config: Config, environment: VecNormalize) -> BaseAlgorithm:
    """An untrained model."""
    return CLASSES[config.run.algorithm](
        "MlpPolicy",
        environment,
        seed=config.run.seed,
        device=config.run.device,
        **_arguments(config, environment),
    )


def load(config: Config, archive: Path, environment: VecNormalize) -> BaseAlgorithm:
    """A model from an archive whose digest the caller has verified: this unpickles."""
    return CLASSES[config.run.algorithm].load(
        archive, env=environment, device=config.run.device, force_reset=True
    )


def steps_per_iteration(config: Config) -> int:
    """Environment steps between two looks at the training: a PPO rollout; less off-policy."""
    steps = config.ppo.n_steps if config.run.algorithm == "ppo" else OFF_POLICY_STEPS
    return steps * config.run.n_envs


def _arguments(config: Config, environment: VecNormalize) -> dict[str, Any]:
    if config.run.algorithm == "ppo":
        rollout = config.ppo.n_steps * config.run.n_envs
        return {
            **_fields(config.ppo),
            "batch_size": min(config.ppo.batch_size, rollout),
            "policy_kwargs": {
                "net_arch": config.network.hidden,
                "log_std_init": config.network.log_std_init,
            },
        }
    policy = {"policy_kwargs": {"net_arch": config.network.hidden}}
    if config.run.algorithm == "sac":
        return {**_fields(config.sac), **policy}
    arguments = _fields(config.td3)
    sigma = arguments.pop("action_noise_sigma")
    mean = np.zeros(environment.action_space.shape or ())
    noise = NormalActionNoise(mean, np.full_like(mean, sigma))
    return {**arguments, **policy, "action_noise": noise}


def _fields(section: Any) -> dict[str, Any]:
    return {name: getattr(section, name) for name in section.__struct_fields__}
