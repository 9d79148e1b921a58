"""Creates PPO, SAC and TD3 from the configuration, untrained or with an archive's parameters."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecNormalize

from daemon.config.schema import Config
from daemon.trainer.algorithms.model_archive import apply_archive, read_archive
from daemon.trainer.algorithms.ppo import FleetPPO, TimeSpent
from daemon.trainer.algorithms.sac import FleetSAC
from daemon.trainer.algorithms.td3 import FleetTD3

OFF_POLICY_STEPS = (
    16  # per lander and iteration: a few seconds, so that heartbeats and orders are not delayed
)
CLASSES: dict[str, type[BaseAlgorithm]] = {"ppo": FleetPPO, "sac": FleetSAC, "td3": FleetTD3}


def build(config: Config, environment: VecNormalize) -> BaseAlgorithm:
    """An untrained model."""
    return _construct(config, environment, seed=config.run.seed)


def load(config: Config, archive: Path, environment: VecNormalize) -> BaseAlgorithm:
    """A model of this configuration with an archive's parameters and counters; runs no code of it.

    Nothing is seeded, so the environment's state stays as it is. Raises OSError, and ValueError
    if the archive does not fit the configuration.
    """
    stored = read_archive(archive)
    model = _construct(config, environment, seed=None)
    apply_archive(stored, model)
    model.seed = config.run.seed
    return model


def _construct(config: Config, environment: VecNormalize, *, seed: int | None) -> BaseAlgorithm:
    # Of the whole process: first parameters and evaluations round by the number of threads too.
    if config.run.torch_threads:
        torch.set_num_threads(config.run.torch_threads)
    return CLASSES[config.run.algorithm](
        "MlpPolicy",
        environment,
        seed=seed,
        device=config.run.device,
        **_arguments(config, environment),
    )


def steps_per_iteration(config: Config) -> int:
    """Environment steps per iteration of the training loop: a PPO rollout; fewer off-policy."""
    steps = config.ppo.n_steps if config.run.algorithm == "ppo" else OFF_POLICY_STEPS
    return steps * config.run.n_envs


def anneal(model: BaseAlgorithm, config: Config, timesteps: int) -> None:
    """Make PPO's updates smaller towards the end of a training of `timesteps`."""
    if isinstance(model, FleetPPO):
        model.annealing = (max(timesteps - config.ppo.anneal_timesteps, 0), timesteps)


def time_spent(model: BaseAlgorithm) -> TimeSpent:
    """Where the last iteration's time went."""
    spent = getattr(model, "spent", None)
    assert isinstance(spent, TimeSpent)
    return spent


def _arguments(config: Config, environment: VecNormalize) -> dict[str, Any]:
    if config.run.algorithm == "ppo":
        arguments = _fields(config.ppo)
        del arguments["anneal_timesteps"]
        rollout = config.ppo.n_steps * config.run.n_envs
        arguments["batch_size"] = min(config.ppo.batch_size, rollout)
        if environment.num_envs != config.run.n_envs:
            # Such a fleet only flies; stable-baselines3 warns of batches that do not fit a rollout.
            arguments |= {"n_steps": 2, "batch_size": 2 * environment.num_envs}
        return {
            **arguments,
            "threads": config.run.torch_threads,
            "policy_kwargs": {
                "net_arch": config.network.hidden,
                "log_std_init": config.network.log_std_init,
                "optimizer_kwargs": {"eps": 1e-5, "fused": True},
            },
        }
    arguments = _fields(config.sac if config.run.algorithm == "sac" else config.td3)
    arguments["policy_kwargs"] = {
        "net_arch": config.network.hidden,
        "optimizer_kwargs": {"fused": True},
    }
    if config.run.algorithm == "sac":
        n_actions = math.prod(environment.action_space.shape or ())
        arguments["target_entropy"] *= n_actions
        arguments["ent_coef"] = f"auto_{arguments.pop('initial_ent_coef')}"
        arguments["log_std_init"] = config.network.log_std_init
    return arguments


def _fields(section: Any) -> dict[str, Any]:
    return {name: getattr(section, name) for name in section.__struct_fields__}
