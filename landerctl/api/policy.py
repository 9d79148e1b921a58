"""A trained policy that acts in this process. Only `load_policy` imports the trainer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from daemon.config import Config
from landerctl.api.errors import Error

if TYPE_CHECKING:
    from daemon.trainer.evaluation.policy_pilot import PolicyPilot


class Policy:
    """A checkpoint's policy, flying by its mean action; its normalizer is part of it."""

    def __init__(self, checkpoint: str, pilot: PolicyPilot) -> None:
        self._checkpoint, self._pilot = checkpoint, pilot

    def __repr__(self) -> str:
        return f"<Policy of {self.checkpoint}>"

    @property
    def checkpoint(self) -> str:
        """The id of the checkpoint."""
        return self._checkpoint

    def predict(self, observation: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """The action (A,) in [-1, 1] for an observation (D,) as the environment gives it.

        (N, A) for (N, D). docs/environment.md lists both by index. Raises ValueError for another D.
        """
        return self._pilot.act(np.asarray(observation, np.float32))


def load_policy(folder: Path, config: Config) -> Policy:
    """The policy of a verified checkpoint. Raises Error if it does not fit this version."""
    from daemon.trainer.evaluation.grounded_policy import load_grounded_policy  # noqa: PLC0415
    from daemon.trainer.health.errors import UnusableError  # noqa: PLC0415

    try:
        return Policy(folder.name, load_grounded_policy(folder, config))
    except UnusableError as error:
        raise Error(str(error)) from None
