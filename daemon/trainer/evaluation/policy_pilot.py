"""A checkpoint's policy as a pilot, flying by its mean action."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

from daemon.config.schema import Config
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.checkpointing.save_restore import load_model


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

    def act(self, observations: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Mean actions (N, A) for observations (N, D)."""
        normalized: Any = self._normalizer.normalize_obs(observations)
        actions: npt.NDArray[np.float32] = self._model.predict(normalized, deterministic=True)[0]
        return actions
