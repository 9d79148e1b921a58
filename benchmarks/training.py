"""PPO end to end on the default configuration, against its limits measured in the same run: the
fleet with no learner, which flies each rollout again; the learner on an environment that does
nothing; and the bound of the two, one after the other with nothing between.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.vec_env import VecEnv

from benchmarks.report import report
from daemon.config import Config, load_config
from daemon.trainer.algorithms import factory
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.algorithms.ppo import FleetPPO
from daemon.trainer.fleets import build_fleet
from env.fleet import LanderFleet
from env.state.snapshot import FleetSnapshot

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
        infos: list[dict[str, Any]] = [{}] * self.num_envs  # as the fleet's, where none ends
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
    still = learner(config, StillFleet(fleet))
    model = build_model(config, fleet)
    steps = factory.steps_per_iteration(config)
    learn(model, steps)
    names = ("end to end", "fleet with no learner", "learner on a still fleet")
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(ROLLOUTS):
        before = fleet.snapshot()
        runs: tuple[Callable[[], float], ...] = (
            partial(learn, model, steps),
            partial(_fly_again, model, fleet, before),
            still,
        )
        for name, run in zip(names, runs, strict=True):
            seconds[name].append(run())
    speed = {name: steps / statistics.median(times) for name, times in seconds.items()}
    bound = 1.0 / sum(1.0 / speed[name] for name in names[1:])
    references = {**speed, "both, one after the other: the bound": bound}
    for limit, reference in list(references.items())[1:]:
        name = f"PPO end to end, {config.run.n_envs} landers, reference {limit}"
        report(name, speed["end to end"], "steps/s", reference)


def build_model(config: Config, fleet: VecEnv) -> FleetPPO:
    """An untrained model."""
    model = factory.build(config, build_normalizer(config, fleet, training=True))
    assert isinstance(model, FleetPPO)
    return model


def learn(model: FleetPPO, steps: int) -> float:
    """Seconds of one rollout and its update."""
    began = time.perf_counter()
    model.learn(steps, reset_num_timesteps=False, log_interval=10**9)
    return time.perf_counter() - began


def learner(config: Config, fleet: VecEnv) -> Callable[[], float]:
    """What learns once more on `fleet` and returns the seconds; it has learnt once."""
    model, steps = build_model(config, fleet), factory.steps_per_iteration(config)
    learn(model, steps)
    return partial(learn, model, steps)


def _fly_again(model: FleetPPO, fleet: LanderFleet, before: FleetSnapshot) -> float:
    """Seconds of the newest rollout's flight alone: the same actions from the state before it.

    Ends in the state that the training continues from.
    """
    fleet.restore(before)
    began = time.perf_counter()
    for actions in model.rollout_buffer.actions:
        fleet.step_async(actions)
        fleet.step_wait()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
