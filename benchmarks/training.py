"""PPO end to end on the default configuration, against its two limits measured in the same run:
the fleet with no learner, and the learner on an environment that does nothing.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.vec_env import VecEnv

from benchmarks.report import report
from daemon.config import Config, load_config
from daemon.trainer.algorithms import factory
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.fleets import build_fleet
from env.fleet import LanderFleet

ROLLOUTS = 9


class StillFleet(VecEnv):
    """A fleet's interface without simulation: every step returns the same zeros."""

    def __init__(self, like: LanderFleet) -> None:
        self.render_mode: str | None = None
        super().__init__(like.num_envs, like.observation_space, like.action_space)
        shape = like.observation_space.shape or ()
        self._observations = np.zeros((like.num_envs, *shape), np.float32)
        self._rewards = np.zeros(like.num_envs, np.float32)
        self._dones = np.zeros(like.num_envs, bool)
        self.settling = np.zeros(like.num_envs, bool)

    def reset(self) -> Any:
        return self._observations

    def step_async(self, actions: Any) -> None:
        pass

    def step_wait(self) -> Any:
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        return self._observations, self._rewards, self._dones, infos

    def close(self) -> None:
        pass

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return [getattr(self, attr_name) for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        setattr(self, attr_name, value)

    def env_method(self, method_name: str, *args: Any, **kwargs: Any) -> list[Any]:
        return [getattr(self, method_name)(*args, **kwargs)]

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        return [False for _ in self._get_indices(indices)]


def main() -> None:
    """Print the end-to-end speed with each limit as reference."""
    config = load_config(None).config
    torch.manual_seed(0)
    fleet = build_fleet(config, config.curriculum.stages[0], config.run.n_envs)
    runs: dict[str, Callable[[], None]] = {
        "end to end": learner(config, fleet),
        "fleet with no learner": _flyer(config, fleet),
        "learner on a still fleet": learner(config, StillFleet(fleet)),
    }
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROLLOUTS):
        for name, run in runs.items():
            began = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - began)
    steps = factory.steps_per_iteration(config)
    speed = {name: steps / statistics.median(times) for name, times in seconds.items()}
    for limit in ("fleet with no learner", "learner on a still fleet"):
        name = f"PPO end to end, {config.run.n_envs} landers, reference {limit}"
        report(name, speed["end to end"], "steps/s", speed[limit])


def learner(config: Config, fleet: VecEnv) -> Callable[[], None]:
    model = factory.build(config, build_normalizer(config, fleet, training=True))
    steps = factory.steps_per_iteration(config)

    def learn() -> None:
        model.learn(steps, reset_num_timesteps=False, log_interval=10**9)

    learn()
    return learn


def _flyer(config: Config, fleet: LanderFleet) -> Callable[[], None]:
    shape = (fleet.num_envs, *(fleet.action_space.shape or ()))
    actions = np.random.default_rng(0).normal(0.0, 0.4, shape).astype(np.float32)

    def fly() -> None:
        for _ in range(config.ppo.n_steps):
            fleet.step_async(actions)
            fleet.step_wait()

    return fly


if __name__ == "__main__":
    main()
