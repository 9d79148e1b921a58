"""PPO on a fleet: stable-baselines3's algorithm and archive, with a rollout and an update for one
process that flies all landers at once.

What differs from stable-baselines3, and why:

- The statistics of observations and returns (VecNormalize's own) are constant during a rollout and
  updated afterwards with one batch: training uses the normalization that was flown with.
- A lander that settles on the ground does not act: steps after its touchdown train the value
  function, not the policy.
- Exploration noise is drawn once per rollout and values are computed in one batch after it; between
  two steps of the fleet there is one forward pass of the policy network.
- In an update the two networks learn side by side, each in a thread of its own: they share nothing
  but the length of the gradient.
- The learning rate adapts to the update's size: it grows after one whose KL divergence is below
  half of `desired_kl`, and shrinks after one over twice that. Rudin et al., Learning to Walk in
  Minutes Using Massively Parallel Deep Reinforcement Learning, CoRL 2021.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.utils import explained_variance
from stable_baselines3.common.vec_env import VecEnv, VecNormalize
from torch.nn import functional

from daemon.trainer.algorithms.adam import EagerAdam
from daemon.trainer.algorithms.layers import run_layers
from daemon.trainer.algorithms.normalizer import RowNormalizer, add_to_statistics, scale_rewards
from daemon.trainer.algorithms.rollout import HALF_LOG_TWO_PI, Rollout, log_density
from daemon.trainer.algorithms.side_by_side import SideBySide

Array = npt.NDArray[Any]

LEARNING_RATE_CHANGE = 1.5
SMALLEST_LEARNING_RATE = 1e-5
LARGEST_LEARNING_RATE = 2e-3
SMALLEST_SHARE = 0.1  # of the desired KL, at the end of a training
EARLY_STOP = 3.0  # an update ends after the epoch that went this many times the desired KL
LEARNING_THREADS = torch.get_num_threads()  # as the process was started


@dataclass
class TimeSpent:
    """Seconds of one iteration by activity."""

    simulation_s: float = 0.0
    inference_s: float = 0.0
    learning_s: float = 0.0


class FleetPPO(PPO):
    """PPO for a VecNormalize over a fleet whose episodes end by themselves (no truncation).

    Its archive is PPO's: stable-baselines3 loads it. It includes `current_learning_rate`.
    """

    def __init__(
        self,
        *args: Any,
        desired_kl: float = 0.01,
        final_log_std: float = -20.0,
        threads: int = 0,
        **kwargs: Any,
    ) -> None:
        self.desired_kl = desired_kl
        self.final_log_std = final_log_std
        self.annealing = (0, 0)  # timesteps between which the updates become smaller
        self.current_learning_rate: float | None = None  # None before the first update
        self._threads = threads or LEARNING_THREADS
        self._lanes = SideBySide(self._threads)
        super().__init__(*args, **kwargs)

    def _setup_model(self) -> None:
        described = self.policy_kwargs
        self.policy_kwargs = {**described, "optimizer_class": EagerAdam}
        super()._setup_model()
        # The archive names torch's own class, which stable-baselines3 has wherever it is loaded.
        self.policy_kwargs = described
        self.spent = TimeSpent()
        self._settling = np.zeros((self.n_steps, self.n_envs), bool)

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "spent", "_threads", "_lanes", "_settling"]

    def collect_rollouts(
        self,
        env: VecEnv,
        callback: BaseCallback,
        rollout_buffer: RolloutBuffer,
        n_rollout_steps: int,
    ) -> bool:
        """Fly `n_rollout_steps` and fill the buffer; False if the callback stopped it."""
        assert isinstance(env, VecNormalize)
        began = time.perf_counter()
        fleet, policy = env.venv, self.policy
        assert self._last_episode_starts is not None
        policy.set_training_mode(False)
        # One row per lander is too little for two threads, which would compete with Basilisk's.
        torch.set_num_threads(1)
        callback.on_rollout_start()
        normalize = RowNormalizer(env)
        observations: Any = env.get_original_obs()
        history = np.empty((n_rollout_steps + 1, *observations.shape), np.float32)
        simulation_s = 0.0
        with torch.no_grad():
            noise = torch.randn(rollout_buffer.actions.shape, device=self.device)
            spread = noise * policy.log_std.exp()
            for t in range(n_rollout_steps):
                history[t] = observations
                self._settling[t] = fleet.get_attr("settling", 0)[0]
                rows = normalize(observations, out=rollout_buffer.observations[t])
                mean = self._mean_action(torch.from_numpy(rows).to(self.device))
                actions = (mean + spread[t]).cpu().numpy()
                rollout_buffer.actions[t] = actions
                rollout_buffer.episode_starts[t] = self._last_episode_starts
                stepped = time.perf_counter()
                fleet.step_async(actions)
                observations, rewards, dones, infos = fleet.step_wait()
                simulation_s += time.perf_counter() - stepped
                env.old_obs, env.old_reward = observations, rewards
                rollout_buffer.rewards[t] = rewards
                self._last_episode_starts = dones
                self.num_timesteps += env.num_envs
                callback.update_locals({"dones": dones, "infos": infos})
                if not callback.on_step():
                    return False
            history[-1] = observations
            rollout_buffer.log_probs[:] = log_density(noise, policy.log_std).cpu().numpy()
        last = normalize(observations, out=np.empty_like(observations))
        torch.set_num_threads(self._lanes.threads_each)
        rollout_buffer.values[:], last_values = self._values(rollout_buffer.observations, last)
        # The last row of episode starts is of the step after the rollout.
        ended = np.concatenate([rollout_buffer.episode_starts[1:], [dones]]).astype(bool)
        rollout_buffer.rewards[:] = scale_rewards(env, rollout_buffer.rewards, ended, env.returns)
        rollout_buffer.compute_returns_and_advantage(last_values, dones)
        rollout_buffer.full = True
        self._update_statistics(env, history)
        callback.on_rollout_end()
        self.spent.simulation_s = simulation_s
        self.spent.inference_s = time.perf_counter() - began - simulation_s
        return True

    def _mean_action(self, observations: torch.Tensor) -> torch.Tensor:
        """Mean actions (B, A) for normalized observations (B, D)."""
        latent = run_layers(self.policy.mlp_extractor.policy_net, observations)
        return self.policy.action_net(latent)  # type: ignore[no-any-return]

    def _value(self, observations: torch.Tensor) -> torch.Tensor:
        """Values (B,) of normalized observations (B, D)."""
        latent = run_layers(self.policy.mlp_extractor.value_net, observations)
        return self.policy.value_net(latent).squeeze(-1)  # type: ignore[no-any-return]

    def _values(self, flown: Array, last: Array) -> tuple[Array, torch.Tensor]:
        """Values (T, N) and (N,) of normalized observations (T, N, D) and (N, D)."""

        def values_of(rows: Array) -> torch.Tensor:
            with torch.no_grad():  # which counts for the thread
                return self._value(torch.from_numpy(rows).to(self.device))

        half = len(flown) // 2
        first, second = self._lanes.both(
            partial(values_of, flown[:half]), partial(values_of, flown[half:])
        )
        return torch.cat([first, second]).cpu().numpy(), values_of(last)

    def _update_statistics(self, env: VecNormalize, history: Array) -> None:
        """Add a rollout's observations (T + 1, N, D) to the statistics."""
        if env.norm_obs:
            assert isinstance(env.obs_rms, RunningMeanStd)
            add_to_statistics(env.obs_rms, history[1:].reshape(-1, history.shape[-1]))
        self._last_obs = env.normalize_obs(history[-1])

    def train(self) -> None:
        """Update the policy with the buffer's rollout; logs stable-baselines3's metrics."""
        began = time.perf_counter()
        policy, buffer = self.policy, self.rollout_buffer
        policy.set_training_mode(True)
        torch.set_num_threads(self._lanes.threads_each)
        rate = self.current_learning_rate
        if rate is None:
            rate = self.lr_schedule(self._current_progress_remaining)
        for group in policy.optimizer.param_groups:
            group["lr"] = rate
        desired_kl = self.desired_kl * annealed(self.num_timesteps, *self.annealing)
        rollout = Rollout.of(buffer, self._settling, self.device)
        parameters = list(policy.parameters())
        measured: list[torch.Tensor] = []
        kl = 0.0
        for _ in range(self.n_epochs):
            epoch: list[torch.Tensor] = []
            for batch in rollout.minibatches(self.batch_size):
                policy.optimizer.zero_grad()
                acting, value_loss = self._lanes.both(
                    partial(self._learn_acting, batch), partial(self._learn_values, batch)
                )
                torch.nn.utils.clip_grad_norm_(parameters, self.max_grad_norm, foreach=True)
                policy.optimizer.step()
                epoch.append(torch.cat([acting, value_loss]))
            del batch  # of this epoch's copy of the rollout, before the next one is made
            self._n_updates += 1
            measured += epoch
            kl = float(torch.stack(epoch)[:, _FIGURES.index("approx_kl")].mean())
            if kl > EARLY_STOP * desired_kl:
                break
        self.current_learning_rate = adapted_rate(rate, kl, desired_kl)
        torch.set_num_threads(self._threads)  # an evaluation may follow
        with torch.no_grad():
            share = annealed(self.num_timesteps, *self.annealing)
            policy.log_std.clamp_(max=largest_log_std(share, self.final_log_std))
        means = dict(zip(_FIGURES, torch.stack(measured).mean(0).tolist(), strict=True))
        means["loss"] = (
            means["policy_gradient_loss"]
            + self.vf_coef * means["value_loss"]
            + self.ent_coef * means["entropy_loss"]
        )
        for name, mean in means.items():
            self.logger.record(f"train/{name}", mean)
        self.logger.record("train/approx_kl", kl)
        explained = explained_variance(buffer.values.ravel(), buffer.returns.ravel())
        self.logger.record("train/explained_variance", float(explained))
        self.logger.record("train/std", float(policy.log_std.detach().exp().mean()))
        self.logger.record("train/learning_rate", rate)
        self.logger.record("train/n_updates", self._n_updates, exclude="tensorboard")
        self.spent.learning_s = time.perf_counter() - began

    def _learn_acting(self, batch: Rollout) -> torch.Tensor:
        """Add the gradient of PPO's gain on a minibatch; returns what _FIGURES begins with."""
        log_std = self.policy.log_std
        assert callable(self.clip_range)
        clip_range = self.clip_range(self._current_progress_remaining)
        deviation = batch.actions - self._mean_action(batch.observations)
        log_prob = log_density(deviation * torch.exp(-log_std), log_std)
        log_ratio = log_prob - batch.log_prob
        ratio = log_ratio.exp()
        clipped = ratio.clamp(1.0 - clip_range, 1.0 + clip_range)
        gain = torch.min(batch.advantages * ratio, batch.advantages * clipped)
        acting = batch.acting.mean().clamp(min=1e-6)
        gain = (gain * batch.acting).mean() / acting
        entropy = (log_std + 0.5 + HALF_LOG_TWO_PI).sum()
        (-gain - self.ent_coef * entropy).backward()  # type: ignore[no-untyped-call]
        with torch.no_grad():
            kl = ((ratio - 1.0 - log_ratio) * batch.acting).mean() / acting
            outside = (((ratio - 1.0).abs() > clip_range) * batch.acting).mean() / acting
            return torch.stack([-gain, -entropy, kl, outside])

    def _learn_values(self, batch: Rollout) -> torch.Tensor:
        """Add the gradient of the values' error on a minibatch, which is returned: (1,)."""
        loss = functional.mse_loss(self._value(batch.observations), batch.returns)
        (self.vf_coef * loss).backward()  # type: ignore[no-untyped-call]
        return loss.detach().unsqueeze(0)


_FIGURES = (
    "policy_gradient_loss",
    "entropy_loss",
    "approx_kl",  # logged for the last epoch only
    "clip_fraction",
    "value_loss",
)


def annealed(timesteps: int, start: int, end: int) -> float:
    """Share of the desired KL: 1 up to `start`, then falling, SMALLEST_SHARE from `end` on."""
    if timesteps <= start or end <= start:
        return 1.0
    return max((end - timesteps) / (end - start), SMALLEST_SHARE)


def largest_log_std(share: float, final: float) -> float:
    """Upper bound of log_std at this `share` of the desired KL: falls to `final` with it.

    So at the end the policy learns to fly by its mean action, which is what flies later.
    """
    progress = (1.0 - share) / (1.0 - SMALLEST_SHARE)
    return progress * final


def adapted_rate(rate: float, kl: float, desired_kl: float) -> float:
    """The learning rate of the next update, given the last epoch's `kl`."""
    if kl > 2.0 * desired_kl:
        return max(rate / LEARNING_RATE_CHANGE, SMALLEST_LEARNING_RATE)
    if kl < 0.5 * desired_kl:
        return min(rate * LEARNING_RATE_CHANGE, LARGEST_LEARNING_RATE)
    return rate
