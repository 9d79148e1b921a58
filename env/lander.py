"""One lander as a Gymnasium environment: a fleet of one, the same code and the same numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from env.base.arguments import instance
from env.fleet import COMPONENT_NAMES, Episode, FleetSettings, LanderFleet
from env.options import apply_options

Array = npt.NDArray[np.float32]


class LunarLander(gymnasium.Env[Array, Array]):
    """`landerctl/LunarLander-v0`. Actions (A,) in [-1, 1]; observations by env.task.observation.

    `settings`: vehicle, terrain and sensors; `n_envs` is always 1 here::

        gymnasium.make("landerctl/LunarLander-v0", settings=FleetSettings(vehicle=APOLLO_LM))

    `reset(seed=s)` gives the same episode for the same `s`, and later resets without a seed the
    same sequence. An episode ends only by `terminated`: its time limit is part of the task,
    observed and rewarded. `info["reward_components"]` are the parts of a step's reward.
    """

    metadata = {"render_modes": []}  # noqa: RUF012, Gymnasium declares it as an instance's

    def __init__(self, settings: FleetSettings | None = None) -> None:
        settings = FleetSettings() if settings is None else settings
        instance("settings", settings, FleetSettings)
        self.render_mode = None
        self._fleet = LanderFleet(replace(settings, n_envs=1, threads=1))
        self.observation_space = self._fleet.observation_space
        self.action_space = self._fleet.action_space
        self._over = True
        self._earned = dict.fromkeys(COMPONENT_NAMES, 0.0)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Array, dict[str, Any]]:
        """Start an episode; returns the first observation, and `info` with its 64-bit seed.

        `options`: see `env.options`. Raises TypeError and ValueError for others.
        """
        wanted = apply_options(self._fleet, options)
        super().reset(seed=seed)
        # numpy's type: Gymnasium makes arrays of int64 of Python's integers, which are too small.
        episode_seed = self.np_random.integers(2**64, dtype=np.uint64)
        if wanted is not None:
            episode_seed = np.uint64(wanted)
        self._fleet.set_next_seeds([0], [episode_seed])
        self._over = False
        self._earned = dict.fromkeys(COMPONENT_NAMES, 0.0)
        return self._fleet.begin(0), {"seed": episode_seed}

    def step(self, action: Array) -> tuple[Array, float, bool, bool, dict[str, Any]]:
        """Fly one control interval. Raises gymnasium.error.ResetNeeded between episodes."""
        if self._over:
            raise gymnasium.error.ResetNeeded("call reset() before step(): no episode is running")
        self._fleet.step_async(np.asarray(action)[np.newaxis])
        observations, rewards, dones, infos = self._fleet.step_wait()
        info: dict[str, Any] = {}
        observation = observations[0]
        if dones[0]:
            self._over = True
            observation = infos[0]["terminal_observation"]
            episode: Episode = infos[0]["lander"]
            info = {"is_success": episode.success, "lander": episode}
            earned = episode.components
        else:
            earned = self._fleet.components(0)
        info["reward_components"] = {
            name: total - self._earned[name] for name, total in earned.items()
        }
        self._earned = earned
        return observation, float(rewards[0]), bool(dones[0]), False, info

    def close(self) -> None:
        """Free the simulation's memory."""
        self._fleet.close()
