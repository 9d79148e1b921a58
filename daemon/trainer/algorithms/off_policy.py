"""The common part of SAC and TD3 on a fleet: collecting steps and sampling batches.

What differs from stable-baselines3, and why:

- Observations are normalized as tensors, once for all of an iteration's gradient steps, which are
  drawn from the replay buffer together.
- The replay buffer omits the settling of landers (`replay_buffer`), and returns are n-step returns:
  a landing is hundreds of steps after the start.
- Before learning starts the untrained policy flies with its own noise: uniformly random commands
  start engines that throw the craft off its descent.
- Rewards are scaled by a constant. VecNormalize's scale changes with the rewards earned, which
  would invalidate the learned values.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from typing import Any, Self

import torch
from stable_baselines3.common.buffers import ReplayBuffer
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.type_aliases import RolloutReturn, TrainFreq
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

from daemon.trainer.algorithms.normalizer import normalized
from daemon.trainer.algorithms.ppo import TimeSpent
from daemon.trainer.algorithms.replay_buffer import Batch, FleetReplayBuffer


class FleetOffPolicy(OffPolicyAlgorithm):
    """For a VecNormalize over a fleet whose episodes end by themselves (no truncation)."""

    replay_buffer: FleetReplayBuffer | None

    def __init__(
        self, *args: Any, n_steps: int = 1, reward_scale: float = 1.0, **kwargs: Any
    ) -> None:
        self.return_steps = n_steps  # SB3's n_steps would select SB3's own buffer
        self.reward_scale = reward_scale
        super().__init__(*args, **kwargs)

    def _setup_model(self) -> None:
        self.spent = TimeSpent()
        self._figures: dict[str, list[torch.Tensor]] = {}
        self.replay_buffer = FleetReplayBuffer(
            self.buffer_size, self.observation_space, self.action_space, self.device, self.n_envs
        )
        super()._setup_model()

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "spent", "_figures"]

    @abstractmethod
    def _explore(self, observations: torch.Tensor) -> torch.Tensor:
        """Actions (N, A) in [-1, 1] for normalized observations (N, D), noise included."""

    def learn(self, *args: Any, **kwargs: Any) -> Self:
        """stable-baselines3's `learn`, on one thread; sets `spent`.

        Batches are too small for a second thread, which would compete with Basilisk's.
        """
        self.spent = TimeSpent()
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            return super().learn(*args, **kwargs)
        finally:
            torch.set_num_threads(threads)

    def collect_rollouts(
        self,
        env: VecEnv,
        callback: BaseCallback,
        train_freq: TrainFreq,
        replay_buffer: ReplayBuffer,
        *_: Any,
        **__: Any,
    ) -> RolloutReturn:
        """Fly `train_freq` steps of each lander and store them in the buffer."""
        assert isinstance(env, VecNormalize) and isinstance(replay_buffer, FleetReplayBuffer)
        began = time.perf_counter()
        simulation_s = 0.0
        fleet = env.venv
        self.policy.set_training_mode(False)
        callback.on_rollout_start()
        observations: Any = env.old_obs
        for step in range(1, train_freq.frequency + 1):
            with torch.no_grad():
                raw = torch.from_numpy(observations).to(self.device)
                actions = self._explore(normalized(env, raw)).cpu().numpy()
            settling = fleet.get_attr("settling", 0)[0]
            stepped = time.perf_counter()
            fleet.step_async(actions)
            stepped_to: Any = fleet.step_wait()
            following, rewards, dones, infos = stepped_to
            simulation_s += time.perf_counter() - stepped
            env.old_obs, env.old_reward = following, rewards
            self.num_timesteps += env.num_envs
            callback.update_locals({"dones": dones, "infos": infos})
            if not callback.on_step():
                return RolloutReturn(step * env.num_envs, 0, continue_training=False)
            replay_buffer.store(observations, actions, rewards, dones, settling)
            if env.norm_obs and not settling.all():
                assert isinstance(env.obs_rms, RunningMeanStd)
                env.obs_rms.update(observations[~settling])
            observations = following
        self._last_obs = env.normalize_obs(observations)
        callback.on_rollout_end()
        self.spent.simulation_s += simulation_s
        self.spent.inference_s += time.perf_counter() - began - simulation_s
        return RolloutReturn(train_freq.frequency * env.num_envs, 0, continue_training=True)

    def _sample_batches(self, batches: int, batch_size: int) -> list[Batch]:
        """Batches for that many gradient steps; none while the buffer has too few steps."""
        buffer, env = self.replay_buffer, self.env
        assert buffer is not None and isinstance(env, VecNormalize)
        if buffer.held.min() <= self.return_steps:
            return []
        drawn = buffer.draw(env, batches * batch_size, n_steps=self.return_steps, gamma=self.gamma)
        scaled = drawn._replace(rewards=drawn.rewards * self.reward_scale)
        parts = (torch.split(part, batch_size) for part in scaled)
        return [Batch(*each) for each in zip(*parts, strict=True)]

    def _polyak_update(self, target: torch.nn.Module, module: torch.nn.Module) -> None:
        """Polyak averaging of the target's parameters, in one call for all of them."""
        with torch.no_grad():
            torch._foreach_lerp_(list(target.parameters()), list(module.parameters()), self.tau)

    def _add_figure(self, name: str, figure: torch.Tensor) -> None:
        self._figures.setdefault(name, []).append(figure.detach().reshape(()))

    def _log_figures(self) -> None:
        """Log the means of the figures since the last call, under stable-baselines3's names."""
        for name, figures in self._figures.items():
            self.logger.record(f"train/{name}", torch.stack(figures).mean().item())
        self._figures = {}
        self.logger.record("train/n_updates", self._n_updates, exclude="tensorboard")


def step_towards(
    optimizer: torch.optim.Optimizer, loss: torch.Tensor, parameters: list[torch.Tensor]
) -> None:
    """One optimiser step on a loss, computing only the gradients of `parameters`."""
    optimizer.zero_grad()
    loss.backward(inputs=parameters)  # type: ignore[no-untyped-call]
    optimizer.step()
