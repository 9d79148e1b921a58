"""Fleets are cheap to fly and slow to build: tests share one where possible."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

from env.fleet import FleetSettings, LanderFleet
from env.physics.vehicles import STARSHIP_HLS

N_ACTIONS = STARSHIP_HLS.n_actions
Array = npt.NDArray[np.float32]


@pytest.fixture
def fleet() -> Iterator[LanderFleet]:
    """Four landers on one thread, above flat ground."""
    made = LanderFleet(FleetSettings(n_envs=4))
    yield made
    made.close()


@pytest.fixture
def engines_off() -> Array:
    """Four actions without any thrust."""
    actions = np.zeros((4, N_ACTIONS), np.float32)
    actions[:, :3] = -1.0
    actions[:, 9:12] = -1.0
    return actions
