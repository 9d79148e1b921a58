"""The replay buffer of a fleet: it stores the steps in which a lander can act.

From its first touchdown on a lander settles, and no command moves it. With all steps stored, half
of the samples would be settling, and values would have to propagate a landing's worth back through
observations that no longer show how hard the touchdown was. Here settling steps are omitted: their
rewards and the episode's end are added to the step that touched down.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from gymnasium import spaces
from stable_baselines3.common.buffers import ReplayBuffer
from stable_baselines3.common.vec_env import VecNormalize

from daemon.trainer.algorithms.normalizer import normalized

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


class Batch(NamedTuple):
    """B transitions over up to n steps each.

    The target value is `rewards + discounts * value(next_observations)`. If the episode ended on
    the way, `discounts` is 0 and `next_observations` belong to a later episode.
    """

    observations: torch.Tensor  # (B, D), normalized
    actions: torch.Tensor  # (B, A)
    next_observations: torch.Tensor  # (B, D), normalized
    rewards: torch.Tensor  # (B, 1), discounted and summed
    discounts: torch.Tensor  # (B, 1)


class FleetReplayBuffer(ReplayBuffer):
    """stable-baselines3's arrays (row, lander, ...), each lander's column filled independently.

    Observations are stored once, not normalized: the next observation is in the next row.
    """

    def __init__(
        self,
        buffer_size: int,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        device: torch.device | str,
        n_envs: int,
    ) -> None:
        super().__init__(
            buffer_size,
            observation_space,
            action_space,
            device,
            n_envs,
            optimize_memory_usage=True,
            handle_timeout_termination=False,
        )
        self.next_row = np.zeros(self.n_envs, np.int64)
        self.held = np.zeros(self.n_envs, np.int64)  # rows of each lander

    def size(self) -> int:
        """The largest number of rows in use by a lander."""
        return int(self.held.max())

    def store(
        self,
        observations: Floats,
        actions: Floats,
        rewards: Floats,
        dones: Flags,
        settling: Flags,
    ) -> None:
        """Store a step of the fleet: (N, D), (N, A), (N,), (N,), (N,).

        `settling`: which landers had touched down before this step.
        """
        (flying,) = np.nonzero(~settling)
        rows = self.next_row[flying]
        self.observations[rows, flying] = observations[flying]
        self.actions[rows, flying] = actions[flying]
        self.rewards[rows, flying] = rewards[flying]
        self.dones[rows, flying] = dones[flying]
        self.next_row[flying] = (rows + 1) % self.buffer_size
        self.held[flying] = np.minimum(self.held[flying] + 1, self.buffer_size)
        (settled,) = np.nonzero(settling)
        touched = self.next_row[settled] - 1
        self.rewards[touched, settled] += rewards[settled]
        self.dones[touched, settled] = dones[settled]

    def draw(self, normalizer: VecNormalize, count: int, *, n_steps: int, gamma: float) -> Batch:
        """`count` transitions, drawn uniformly by NumPy's global generator.

        Raises ValueError if a lander has no more than `n_steps` rows yet.
        """
        if self.held.min() <= n_steps:
            raise ValueError(f"a lander has {self.held.min()} rows, more than {n_steps} are needed")
        landers = np.random.randint(0, self.n_envs, count)
        held = self.held[landers]
        after_oldest = np.random.randint(0, held - n_steps)
        starts = self.next_row[landers] - held + after_oldest
        returns = np.zeros(count, np.float32)
        discounts = np.ones(count, np.float32)
        rewards, dones = self.rewards.reshape(-1), self.dones.reshape(-1)
        for k in range(n_steps):
            places = self._indices(starts + k, landers)
            returns += discounts * rewards[places]
            discounts *= np.float32(gamma) * (1.0 - dones[places])
        first, last = self._indices(starts, landers), self._indices(starts + n_steps, landers)
        return Batch(
            normalized(normalizer, self._gather(self.observations, first)),
            self._gather(self.actions, first),
            normalized(normalizer, self._gather(self.observations, last)),
            torch.from_numpy(returns).to(self.device).unsqueeze(1),
            torch.from_numpy(discounts).to(self.device).unsqueeze(1),
        )

    def _indices(
        self, rows: npt.NDArray[np.int64], landers: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        """Indices into the arrays seen as (row * lander, ...)."""
        return rows % self.buffer_size * self.n_envs + landers

    def _gather(self, array: Floats, places: npt.NDArray[np.int64]) -> torch.Tensor:
        flat = torch.from_numpy(array.reshape(-1, array.shape[-1]))
        return flat[torch.from_numpy(places)].to(self.device)
