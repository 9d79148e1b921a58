"""A checkpoint's policy as a pilot, flying by its mean action."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from gymnasium import spaces
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

from daemon.config.schema import Config
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.checkpointing.save_restore import load_model

# Rows of each call of the network. Its rounding depends on the number of rows; a fixed number makes
# an action depend on its observation alone, however many landers fly.
BLOCK = 32


class PolicyPilot:
    """A policy without exploration."""

    def __init__(self, model: BaseAlgorithm, normalizer: VecNormalize) -> None:
        self._model, self._normalizer = model, normalizer

    @classmethod
    def load(cls, folder: Path, config: Config, fleet: VecEnv) -> Self:
        """Load from a checkpoint whose digests the caller has verified.

        Raises UnusableCheckpointError if it does not fit this version.
        """
        normalizer = build_normalizer(config, fleet, training=False)
        return cls(load_model(folder, config, normalizer), normalizer)

    @property
    def digest(self) -> str:
        """Of what decides its actions: 16 hexadecimal digits, equal for equal policies."""
        digest = hashlib.sha256()
        for name, values in sorted(self._model.policy.state_dict().items()):
            digest.update(f"{name}\0".encode())
            digest.update(values.detach().cpu().numpy().tobytes())
        moments = self._normalizer.obs_rms
        if self._normalizer.norm_obs and isinstance(moments, RunningMeanStd):
            limits = np.array([self._normalizer.clip_obs, self._normalizer.epsilon])
            for array in (moments.mean, moments.var, limits):
                digest.update(np.asarray(array, np.float64).tobytes())
        return digest.hexdigest()[:16]

    def reset(self, crafts: npt.NDArray[np.intp]) -> None:
        """Does nothing: a policy has no memory."""

    def keep(self, crafts: npt.NDArray[np.intp]) -> None:
        """Does nothing: a policy has no memory."""

    def act(self, observations: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Mean actions (N, A) for observations (N, D): stable-baselines3's, without its checks."""
        policy = self._model.policy
        space = policy.action_space
        assert isinstance(space, spaces.Box)
        normalized = self._normalize(observations)
        actions = np.empty((len(observations), *space.shape), np.float32)
        with torch.inference_mode():
            for first in range(0, len(observations), BLOCK):
                rows = normalized[first : first + BLOCK]
                count = len(rows)
                if count < BLOCK:
                    rows = np.concatenate(
                        [rows, np.zeros((BLOCK - count, *rows.shape[1:]), rows.dtype)]
                    )
                means = _mean_actions(policy, torch.from_numpy(rows).to(policy.device))
                actions[first : first + count] = means[:count].cpu().numpy()
        if policy.squash_output:
            unscaled: npt.NDArray[np.float32] = policy.unscale_action(actions)
            return unscaled
        return np.clip(actions, space.low, space.high)

    def _normalize(self, observations: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """As VecNormalize.normalize_obs, which copies twice."""
        normalizer = self._normalizer
        if not normalizer.norm_obs:
            return observations
        moments, limit = normalizer.obs_rms, normalizer.clip_obs
        assert isinstance(moments, RunningMeanStd)
        scaled = (observations - moments.mean) / np.sqrt(moments.var + normalizer.epsilon)
        return np.clip(scaled, -limit, limit).astype(np.float32)


def _mean_actions(policy: BasePolicy, normalized: torch.Tensor) -> torch.Tensor:
    """The actions (N, A) without exploration, before they are clipped or scaled."""
    if isinstance(policy, ActorCriticPolicy):  # without a distribution, which costs a half more
        features = policy.extract_features(normalized, policy.pi_features_extractor)
        assert isinstance(features, torch.Tensor)
        means: torch.Tensor = policy.action_net(policy.mlp_extractor.forward_actor(features))
        return means
    return policy._predict(normalized, deterministic=True)
