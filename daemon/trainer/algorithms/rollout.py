"""A PPO rollout as tensors, and its minibatches."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import torch
from stable_baselines3.common.buffers import RolloutBuffer

HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)


class Rollout(NamedTuple):
    """A rollout, or a minibatch of it: B steps."""

    observations: torch.Tensor  # (B, D), normalized
    actions: torch.Tensor  # (B, A)
    log_prob: torch.Tensor  # (B,), of the policy that flew
    returns: torch.Tensor  # (B,)
    advantages: torch.Tensor  # (B,), normalized over the rollout
    acting: torch.Tensor  # (B,), 0 where the lander settles and its action has no effect

    @classmethod
    def of(
        cls, buffer: RolloutBuffer, settling: npt.NDArray[np.bool_], device: torch.device
    ) -> Self:
        """All steps of a full buffer; `settling` (T, N)."""
        count = buffer.buffer_size * buffer.n_envs
        arrays = (
            buffer.observations,
            buffer.actions,
            buffer.log_probs,
            buffer.returns,
            buffer.advantages,
            (~settling).astype(np.float32),
        )
        flat = (torch.from_numpy(a.reshape(count, *a.shape[2:])).to(device) for a in arrays)
        rollout = cls(*flat)
        advantages = rollout.advantages[rollout.acting > 0.0]
        scaled = (rollout.advantages - advantages.mean()) / (advantages.std() + 1e-8)
        return rollout._replace(advantages=scaled)

    def minibatches(self, size: int) -> Iterator[Rollout]:
        """All steps in a random order, in minibatches of `size`; the last may be smaller."""
        order = torch.randperm(len(self.returns), device=self.returns.device)
        # One copy of the whole, of which minibatches are parts.
        shuffled = (torch.split(part.index_select(0, order), size) for part in self)
        return (Rollout(*parts) for parts in zip(*shuffled, strict=True))


def log_density(scaled: torch.Tensor, log_std: torch.Tensor) -> torch.Tensor:
    """Log density (...,) of actions that are `scaled` (..., A) standard deviations off the mean."""
    return (-0.5 * scaled.square() - log_std - HALF_LOG_TWO_PI).sum(-1)
