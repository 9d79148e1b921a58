"""VecNormalize's statistics as plain arrays, so that restoring them unpickles nothing."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

from daemon.config.schema import Config
from env.state.archive import open_archive

Floats = npt.NDArray[np.float32]


def build_normalizer(config: Config, fleet: VecEnv, *, training: bool) -> VecNormalize:
    """VecNormalize as configured. `training=False`: statistics are not updated.

    SAC and TD3 scale rewards by a constant of their own (daemon.trainer.algorithms.off_policy).
    """
    gamma = getattr(config, config.run.algorithm).gamma
    return VecNormalize(
        fleet,
        training=training,
        norm_obs=config.normalize.observations,
        norm_reward=config.normalize.rewards and config.run.algorithm == "ppo",
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
    """Restore what `save_statistics` wrote.

    Running returns are restored only if the number of landers is the same (an evaluation's
    differs). Raises ValueError naming what is missing, invalid or of another shape.
    """
    with open_archive(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    for name, moments in _moments(normalizer).items():
        mean, var, count = (_numbers(arrays, f"{name}_{part}") for part in ("mean", "var", "count"))
        if mean.shape != np.shape(moments.mean) or var.shape != mean.shape:
            raise ValueError(
                f"{name} statistics have shape {mean.shape}, "
                f"this version's have {np.shape(moments.mean)}"
            )
        if count.shape != () or count <= 0.0 or (var < 0.0).any():
            raise ValueError(f"{name} statistics: negative variance, or a count of 0")
        moments.mean, moments.var, moments.count = mean, var, float(count)
    returns = _numbers(arrays, "returns")
    if returns.shape == normalizer.returns.shape:
        normalizer.returns = returns


def reset_statistics(normalizer: VecNormalize) -> None:
    """Forget all statistics, as in a new training."""
    reset_return_statistics(normalizer)
    if normalizer.norm_obs:
        assert isinstance(normalizer.obs_rms, RunningMeanStd)
        normalizer.obs_rms = RunningMeanStd(shape=normalizer.obs_rms.mean.shape)


def reset_return_statistics(normalizer: VecNormalize) -> None:
    """Forget the statistics of returns; the landers' running returns go on."""
    normalizer.ret_rms = RunningMeanStd(shape=())


def _numbers(arrays: dict[str, npt.NDArray[Any]], name: str) -> npt.NDArray[np.float64]:
    if name not in arrays:
        raise ValueError(f"{name}: missing")
    if arrays[name].dtype != np.float64 or not np.isfinite(arrays[name]).all():
        raise ValueError(f"{name}: not finite, or not of this version's layout")
    return arrays[name]


def _moments(normalizer: VecNormalize) -> dict[str, RunningMeanStd]:
    moments = {"return": normalizer.ret_rms}
    if normalizer.norm_obs:
        assert isinstance(normalizer.obs_rms, RunningMeanStd)
        moments["observation"] = normalizer.obs_rms
    return moments


def normalized(normalizer: VecNormalize, raw: torch.Tensor) -> torch.Tensor:
    """Observations (..., D) as VecNormalize would normalize them, on their own device."""
    if not normalizer.norm_obs:
        return raw
    mean, deviation = (torch.from_numpy(part).to(raw.device) for part in _scale(normalizer))
    return ((raw - mean) / deviation).clamp_(-normalizer.clip_obs, normalizer.clip_obs)


class RowNormalizer:
    """Normalizes a fleet's observations with the statistics of now, which may change meanwhile."""

    def __init__(self, normalizer: VecNormalize) -> None:
        self._scale = _scale(normalizer) if normalizer.norm_obs else None
        self._clip = normalizer.clip_obs

    def __call__(self, raw: Floats, out: Floats) -> Floats:
        """`out`, filled with the normalized rows (N, D) of `raw`."""
        if self._scale is None:
            np.copyto(out, raw)
            return out
        mean, deviation = self._scale
        np.subtract(raw, mean, out=out)
        np.divide(out, deviation, out=out)
        return np.clip(out, -self._clip, self._clip, out=out)


def _scale(normalizer: VecNormalize) -> tuple[Floats, Floats]:
    """Mean and deviation of observations, each (D,)."""
    assert isinstance(normalizer.obs_rms, RunningMeanStd)
    deviation = np.sqrt(normalizer.obs_rms.var + normalizer.epsilon)
    return normalizer.obs_rms.mean.astype(np.float32), deviation.astype(np.float32)


def scale_rewards(
    normalizer: VecNormalize,
    rewards: npt.NDArray[Any],
    ended: npt.NDArray[np.bool_],
    running: npt.NDArray[np.float64],
) -> npt.NDArray[Any]:
    """Rewards (T, N) divided by the standard deviation of their discounted returns.

    The statistics of returns are updated first. `ended` (T, N): the episode ended with this step.
    `running` (N,): each lander's return so far, continued in place.
    """
    if not normalizer.norm_reward:
        return rewards
    returns = np.empty(rewards.shape)
    for t, reward in enumerate(rewards):
        running *= normalizer.gamma
        running += reward
        returns[t] = running
        running[ended[t]] = 0.0
    normalizer.ret_rms.update(returns.ravel())
    scaled = rewards / math.sqrt(float(normalizer.ret_rms.var) + normalizer.epsilon)
    limited: npt.NDArray[Any] = np.clip(scaled, -normalizer.clip_reward, normalizer.clip_reward)
    return limited


def add_to_statistics(statistics: RunningMeanStd, rows: Floats) -> None:
    """Add `rows` (B, D) to the statistics.

    `RunningMeanStd.update` sums in float32, row after row; this is exact, and faster.
    """
    centred = rows.astype(np.float64)
    mean = centred.mean(axis=0)
    centred -= mean
    variance = np.einsum("ij,ij->j", centred, centred) / len(rows)
    statistics.update_from_moments(mean, variance, len(rows))
