"""A pilot whose commands are constant, so that each craft is independent of the others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from env.physics.vehicles import STARSHIP_HLS


class Steady:
    """Falls slowly enough to touch down. `sizes`: for how many landers it acted."""

    def __init__(self) -> None:
        self.sizes: set[int] = set()

    def reset(self, crafts: npt.NDArray[np.intp]) -> None:
        """Does nothing: no memory."""

    def keep(self, crafts: npt.NDArray[np.intp]) -> None:
        """Does nothing: no memory."""

    def act(self, observations: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        self.sizes.add(len(observations))
        actions = np.full((len(observations), STARSHIP_HLS.n_actions), -0.1, np.float32)
        actions[:, :3] = -1.0
        return actions
