"""SAC on a fleet: stable-baselines3's algorithm and archive; see `off_policy`."""

from __future__ import annotations

import math
import time
from typing import Any

import torch
from stable_baselines3 import SAC
from stable_baselines3.sac.policies import LOG_STD_MAX, LOG_STD_MIN
from torch.nn import functional

from daemon.trainer.algorithms.off_policy import FleetOffPolicy, step_towards
from daemon.trainer.algorithms.replay_buffer import Batch

HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)


class FleetSAC(FleetOffPolicy, SAC):
    """SAC whose actor is updated every `policy_delay` gradient steps, as TD3's is.

    Its untrained actor has a standard deviation of exp(`log_std_init`) before the squashing.
    """

    def __init__(
        self, *args: Any, policy_delay: int = 1, log_std_init: float = 0.0, **kwargs: Any
    ) -> None:
        self.policy_delay = policy_delay
        self.log_std_init = log_std_init
        super().__init__(*args, **kwargs)

    def _setup_model(self) -> None:
        super()._setup_model()
        assert isinstance(self.actor.log_std, torch.nn.Linear)
        torch.nn.init.constant_(self.actor.log_std.bias, self.log_std_init)

    def _explore(self, observations: torch.Tensor) -> torch.Tensor:
        return self._act(observations)[0]

    def train(self, gradient_steps: int, batch_size: int = 64) -> None:
        """Update critics and actor; logs stable-baselines3's metrics."""
        began = time.perf_counter()
        self.policy.set_training_mode(True)
        for batch in self._sample_batches(gradient_steps, batch_size):
            self._n_updates += 1
            ent_coef = self._ent_coef()
            critic_loss = self._critic_loss(batch, ent_coef)
            step_towards(self.critic.optimizer, critic_loss, list(self.critic.parameters()))
            self._add_figure("critic_loss", critic_loss)
            self._add_figure("ent_coef", ent_coef)
            if self._n_updates % self.policy_delay == 0:
                actions, log_prob = self._act(batch.observations)
                pair = torch.cat([batch.observations, actions], 1)
                value = torch.min(*(critic(pair) for critic in self.critic.q_networks))
                actor_loss = (ent_coef * log_prob - value).mean()
                step_towards(self.actor.optimizer, actor_loss, list(self.actor.parameters()))
                self._add_figure("actor_loss", actor_loss)
                self._adapt_ent_coef(log_prob.detach())
            self._polyak_update(self.critic_target, self.critic)
        self._log_figures()
        self.spent.learning_s += time.perf_counter() - began

    def _critic_loss(self, batch: Batch, ent_coef: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            actions, log_prob = self._act(batch.next_observations)
            pair = torch.cat([batch.next_observations, actions], 1)
            value = torch.min(*(critic(pair) for critic in self.critic_target.q_networks))
            target = batch.rewards + batch.discounts * (value - ent_coef * log_prob)
        pair = torch.cat([batch.observations, batch.actions], 1)
        losses = [functional.mse_loss(critic(pair), target) for critic in self.critic.q_networks]
        return 0.5 * torch.stack(losses).sum()

    def _act(self, observations: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Actions (B, A) drawn from the policy, and their log densities (B, 1)."""
        latent = self.actor.latent_pi(observations)
        assert isinstance(self.actor.log_std, torch.nn.Linear)
        log_std = self.actor.log_std(latent).clamp(LOG_STD_MIN, LOG_STD_MAX)
        noise = torch.randn_like(log_std)
        actions = torch.tanh(self.actor.mu(latent) + noise * log_std.exp())
        density = -0.5 * noise.square() - log_std - HALF_LOG_TWO_PI
        log_prob = density - torch.log(1.0 - actions.square() + 1e-6)
        return actions, log_prob.sum(-1, keepdim=True)

    def _ent_coef(self) -> torch.Tensor:
        if self.log_ent_coef is None:
            return self.ent_coef_tensor
        return self.log_ent_coef.detach().exp()

    def _adapt_ent_coef(self, log_prob: torch.Tensor) -> None:
        """Update a learned entropy coefficient towards the target entropy."""
        if self.log_ent_coef is None or self.ent_coef_optimizer is None:
            return
        assert isinstance(self.target_entropy, float)
        loss = -(self.log_ent_coef * (log_prob + self.target_entropy)).mean()
        step_towards(self.ent_coef_optimizer, loss, [self.log_ent_coef])
        self._add_figure("ent_coef_loss", loss)
