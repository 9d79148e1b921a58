"""VecNormalize's statistics as plain arrays, so that restoring them unpickles nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

from daemon.config.schema import Config


def build_normalizer(config: Config, fleet: VecEnv, *, training: bool) -> VecNormalize:
    """VecNormalize as configured. `training=False`: statistics stay as they are."""
    gamma = getattr(config, config.run.algorithm).gamma
    return VecNormalize(
        fleet,
        training=training,
        norm_obs=config.normalize.observations,
        norm_reward=config.normalize.rewards,
        clip_obs=config.normalize.clip_observation,
        clip_reward=config.normalize.clip_reward,
        gamma=gamma,
    )


def save_statistics(normalizer: VecNormalize, path: Path) -> None:
    """Write means, variances and counts of observations and returns as an .npz of plain arrays."""
    arrays: dict[str, Any] = {"returns": normalizer.returns}
    for name, moments in _moments(normalizer).items():
        arrays[f"{name}_mean"] = np.asarray(moments.mean)
        arrays[f"{name}_var"] = np.asarray(moments.var)
        arrays[f"{name}_count"] = np.asarray(moments.count)
    with path.open("wb") as stream:
        np.savez(stream, **arrays)


def load_statistics(normalizer: VecNormalize, path: Path) -> None:
    """Restore what :func:`save_statistics` wrote. Raises ValueError where shapes do not fit."""
    with np.load(path, allow_pickle=False) as arrays:
        for name, moments in _moments(normalizer).items():
            if arrays[f"{name}_mean"].shape != np.shape(moments.mean):
                raise ValueError(
                    f"{path.name}: {name} statistics have shape {arrays[f'{name}_mean'].shape}, "
                    f"this version's have {np.shape(moments.mean)}"
                )
            moments.mean = arrays[f"{name}_mean"]
            moments.var = arrays[f"{name}_var"]
            moments.count = float(arrays[f"{name}_count"])
        if arrays["returns"].shape == normalizer.returns.shape:
            normalizer.returns = arrays["returns"]


def _moments(normalizer: VecNormalize) -> dict[str, RunningMeanStd]:
    moments = {"return": normalizer.ret_rms}
    if normalizer.norm_obs:
        assert isinstance(normalizer.obs_rms, RunningMeanStd)
        moments["observation"] = normalizer.obs_rms
    return moments
