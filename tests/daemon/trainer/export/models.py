"""Small untrained models of all algorithms with statistics of their own, without a simulation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
import torch
from gymnasium import spaces
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

from daemon.base.paths import RunPaths
from daemon.checkpoint.manifest import FORMAT, Manifest
from daemon.config import Sources, load_sources
from daemon.config.schema import Config
from daemon.trainer.algorithms import factory
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.export.gather import gather_card
from daemon.trainer.export.policy import exported_policy
from daemon.trainer.export.source import Source
from env.physics.vehicles import STARSHIP_HLS
from env.task.observation import observation_table

ALGORITHMS = ("ppo", "sac", "td3")
N_OBSERVATIONS, N_ACTIONS = len(observation_table(STARSHIP_HLS)), STARSHIP_HLS.n_actions


class Spaces(gymnasium.Env[npt.NDArray[np.float32], npt.NDArray[np.float32]]):
    """Spaces alone; nothing flies."""

    observation_space = spaces.Box(-20.0, 20.0, (N_OBSERVATIONS,), np.float32)
    action_space = spaces.Box(-1.0, 1.0, (N_ACTIONS,), np.float32)


def config_of(algorithm: str, *assignments: str) -> Config:
    """The defaults with small networks."""
    settings = (
        f"run.algorithm={algorithm!r}",
        "run.n_envs=1",
        "fleet.threads=1",
        "run.torch_threads=0",
        "network.hidden=[24, 16]",
        *assignments,
    )
    return load_sources(Sources((), {}, settings)).config


def model_of(config: Config, seed: int = 0) -> tuple[BaseAlgorithm, VecNormalize]:
    """A model whose actions use the whole range, and statistics as of a training."""
    normalizer = build_normalizer(config, DummyVecEnv([Spaces]), training=False)
    model = factory.build(config, normalizer)
    random = np.random.default_rng(seed)
    if normalizer.norm_obs:
        moments = normalizer.obs_rms
        assert isinstance(moments, RunningMeanStd)
        moments.mean = random.normal(size=N_OBSERVATIONS)
        # Some observations hardly vary, as those of a lander's reaction control do.
        moments.var = 10.0 ** random.uniform(-9.0, 1.0, N_OBSERVATIONS)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.policy.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
    return model, normalizer


def observations_of(normalizer: VecNormalize, count: int) -> npt.NDArray[np.float32]:
    """Observations (count, O) some of which the normalizer clips."""
    mean, deviation = np.zeros(N_OBSERVATIONS), np.ones(N_OBSERVATIONS)
    if normalizer.norm_obs:
        moments: Any = normalizer.obs_rms
        mean, deviation = moments.mean, np.sqrt(moments.var + normalizer.epsilon)
    drawn = np.random.default_rng(1).standard_t(2.0, (count, N_OBSERVATIONS))
    return (mean + deviation * drawn).astype(np.float32)


def expected_actions(
    model: BaseAlgorithm, normalizer: VecNormalize, observations: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """What stable-baselines3 itself answers."""
    normalized: Any = normalizer.normalize_obs(observations)
    actions: npt.NDArray[np.float32] = model.predict(normalized, deterministic=True)[0]
    return actions


def source_of(
    config: Config, model: BaseAlgorithm, normalizer: VecNormalize, run: Path = Path("run")
) -> Source:
    """What formats are made from, as of a checkpoint of a run without a folder."""
    manifest = Manifest(
        format=FORMAT,
        id="000012-600000-gate",
        sequence=12,
        run_id="20261129-225041-curriculum-ppo-ed3e",
        kind="gate",
        created_s=1_795_995_879.0,
        algorithm=config.run.algorithm,
        timesteps=600_000,
        stage=2,
        ramp_step=3,
        episodes=100,
        success_rate=0.9,
        reward_mean=1400.0,
        restored_from=None,
        versions={"python": "3.11.7", "torch": "2.13.0"},
        files={},
    )
    policy = exported_policy(model, normalizer)
    return Source(policy, gather_card(RunPaths(run), config, manifest, policy), model, manifest)
