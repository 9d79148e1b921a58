"""TD3 on a fleet: stable-baselines3's algorithm and archive; see `off_policy`."""

from __future__ import annotations

import time
from typing import Any

import torch
from stable_baselines3 import TD3
from torch.nn import functional

from daemon.trainer.algorithms.off_policy import FleetOffPolicy, step_towards
from daemon.trainer.algorithms.replay_buffer import Batch

GOLDEN_RATIO = 0.6180339887498949


class FleetTD3(FleetOffPolicy, TD3):
    """TD3 with a different exploration noise per lander (standard deviation, action units).

    Little noise shows what the policy is worth, much noise what it misses. Li et al., Parallel
    Q-Learning, ICML 2023.
    """

    def __init__(
        self, *args: Any, action_noise_sigma: tuple[float, float] = (0.1, 0.1), **kwargs: Any
    ) -> None:
        self.action_noise_sigma = action_noise_sigma
        super().__init__(*args, **kwargs)

    def _explore(self, observations: torch.Tensor) -> torch.Tensor:
        mean = self.actor.mu(observations)
        least, most = self.action_noise_sigma
        # Evenly spread for any number of landers and any subset that rehearses.
        share = torch.arange(len(mean), device=mean.device) * GOLDEN_RATIO % 1.0
        sigma = (least + (most - least) * share).unsqueeze(1)
        actions: torch.Tensor = mean + sigma * torch.randn_like(mean)
        return actions.clamp_(-1.0, 1.0)

    def train(self, gradient_steps: int, batch_size: int = 64) -> None:
        """Update critics and, every `policy_delay`, the actor; logs SB3's metrics."""
        began = time.perf_counter()
        self.policy.set_training_mode(True)
        for batch in self._sample_batches(gradient_steps, batch_size):
            self._n_updates += 1
            critic_loss = self._critic_loss(batch)
            step_towards(self.critic.optimizer, critic_loss, list(self.critic.parameters()))
            self._add_figure("critic_loss", critic_loss)
            if self._n_updates % self.policy_delay == 0:
                pair = torch.cat([batch.observations, self.actor.mu(batch.observations)], 1)
                actor_loss = -self.critic.q_networks[0](pair).mean()
                step_towards(self.actor.optimizer, actor_loss, list(self.actor.parameters()))
                self._add_figure("actor_loss", actor_loss)
                self._polyak_update(self.critic_target, self.critic)
                self._polyak_update(self.actor_target, self.actor)
        self._log_figures()
        self.spent.learning_s += time.perf_counter() - began

    def _critic_loss(self, batch: Batch) -> torch.Tensor:
        with torch.no_grad():
            noise = torch.randn_like(batch.actions) * self.target_policy_noise
            noise.clamp_(-self.target_noise_clip, self.target_noise_clip)
            actions = (self.actor_target.mu(batch.next_observations) + noise).clamp_(-1.0, 1.0)
            pair = torch.cat([batch.next_observations, actions], 1)
            value = torch.min(*(critic(pair) for critic in self.critic_target.q_networks))
            target = batch.rewards + batch.discounts * value
        pair = torch.cat([batch.observations, batch.actions], 1)
        losses = [functional.mse_loss(critic(pair), target) for critic in self.critic.q_networks]
        return torch.stack(losses).sum()
