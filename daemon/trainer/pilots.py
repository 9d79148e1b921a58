"""Who flies one lander: the reference pilot, or a checkpoint's policy by its mean action."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from daemon.config.schema import Config
from daemon.trainer.normalizer import build_normalizer
from daemon.trainer.saving import load_model
from env.fleet import LanderFleet

Array = npt.NDArray[np.float32]


class Pilot(Protocol):
    """What observes and acts, a row a craft. A new one flies its first episode."""

    def act(self, observations: Array) -> Array:
        """Actions (N, A) in [-1, 1] for observations (N, D)."""


class PolicyPilot:
    """A checkpoint's policy without exploration."""

    def __init__(self, folder: Path, config: Config, fleet: LanderFleet) -> None:
        """Load from a checkpoint whose digests the caller has verified.

        Raises UnusableCheckpointError where it does not fit this version.
        """
        self._normalizer = build_normalizer(config, fleet, training=False)
        self._model = load_model(folder, config, self._normalizer, replay=False)

    def act(self, observations: Array) -> Array:
        """Mean actions (N, A) for observations (N, D)."""
        normalized: Any = self._normalizer.normalize_obs(observations)
        actions: Array = self._model.predict(normalized, deterministic=True)[0]
        return actions
