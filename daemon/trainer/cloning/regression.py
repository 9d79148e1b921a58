"""Fits the policy's mean action and the value function to samples."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import torch
from stable_baselines3.common.vec_env import VecNormalize
from torch.nn import functional

from daemon.trainer.algorithms.adam import EagerAdam
from daemon.trainer.algorithms.normalizer import normalized
from daemon.trainer.algorithms.ppo import FleetPPO
from daemon.trainer.cloning.labelled_flights import Floats, Samples
from daemon.trainer.cloning.plan import LAST_SHARE, CloningPlan

# Beyond this error (action units) its absolute value counts, not its square: some commands switch.
HUBER_BETA = 0.2


class PolicyFit:
    """The regression of the mean action, continued after each rollout."""

    def __init__(
        self,
        model: FleetPPO,
        normalizer: VecNormalize,
        plan: CloningPlan,
        generator: np.random.Generator,
    ) -> None:
        self._model, self._normalizer = model, normalizer
        self._plan, self._generator = plan, generator
        policy = model.policy
        self._optimizer = _adam(
            [*policy.mlp_extractor.policy_net.parameters(), *policy.action_net.parameters()]
        )
        self._rates = _falling_rates(plan.learning_rate, plan.rollouts * plan.batches)

    def act(self, observations: Floats) -> Floats:
        """Mean actions (N, A) for observations (N, D)."""
        with torch.no_grad():
            actions: Floats = self._mean(observations).cpu().numpy()
        return actions

    def improve(self, samples: Samples) -> float:
        """A rollout's gradient steps; returns their mean loss."""
        losses = []
        for rate in _take(self._rates, self._plan.batches):
            observations, commands = samples.draw(self._plan.batch_size, self._generator)
            wanted = torch.from_numpy(commands).to(self._model.device)
            loss = functional.smooth_l1_loss(self._mean(observations), wanted, beta=HUBER_BETA)
            losses.append(_descend(self._optimizer, loss, rate))
        return float(np.mean(losses))

    def _mean(self, observations: Floats) -> torch.Tensor:
        policy = self._model.policy
        raw = torch.from_numpy(observations).to(self._model.device)
        latent = policy.mlp_extractor.forward_actor(normalized(self._normalizer, raw))
        actions: torch.Tensor = policy.action_net(latent)
        return actions


def fit_value(
    model: FleetPPO,
    normalizer: VecNormalize,
    observations: Floats,
    returns: npt.NDArray[np.float32],
    *,
    plan: CloningPlan,
    generator: np.random.Generator,
) -> float:
    """Fit the value function to `returns` (B,) of `observations` (B, D).

    Returns the share of their variance that it explains.
    """
    policy = model.policy
    optimizer = _adam(
        [*policy.mlp_extractor.value_net.parameters(), *policy.value_net.parameters()]
    )

    def value(rows: npt.NDArray[np.int64]) -> torch.Tensor:
        raw = torch.from_numpy(observations[rows]).to(model.device)
        latent = policy.mlp_extractor.forward_critic(normalized(normalizer, raw))
        values: torch.Tensor = policy.value_net(latent).squeeze(-1)
        return values

    def draw() -> npt.NDArray[np.int64]:
        return generator.integers(0, len(returns), plan.batch_size)

    for rate in _falling_rates(plan.learning_rate, plan.value_batches):
        rows = draw()
        wanted = torch.from_numpy(returns[rows]).to(model.device)
        _descend(optimizer, functional.mse_loss(value(rows), wanted), rate)
    rows = np.concatenate([draw() for _ in range(8)])
    with torch.no_grad():
        errors = returns[rows] - value(rows).cpu().numpy()
    return float(1.0 - errors.var() / max(float(returns[rows].var()), 1e-12))


def _adam(parameters: Iterable[torch.nn.Parameter]) -> torch.optim.Optimizer:
    return EagerAdam(list(parameters), fused=True)


def _descend(optimizer: torch.optim.Optimizer, loss: torch.Tensor, rate: float) -> float:
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return float(loss.detach())


def _falling_rates(first: float, count: int) -> Iterator[float]:
    """`count` learning rates that fall by half a cosine."""
    for step in range(count):
        share = 0.5 * (1.0 + math.cos(math.pi * step / count))
        yield first * (LAST_SHARE + (1.0 - LAST_SHARE) * share)


def _take(rates: Iterator[float], count: int) -> Iterator[float]:
    return (next(rates) for _ in range(count))
