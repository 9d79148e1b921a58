"""The fleet as a Gymnasium vector environment: what `gymnasium.make_vec` makes by default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

from env.base.arguments import integer
from env.fleet import FleetSettings, LanderFleet
from env.named_settings import settings_of
from env.options import apply_options
from env.rendering.modes import RENDER_MODES, check_render_mode

if TYPE_CHECKING:
    from env.rendering.view import View

Array = npt.NDArray[np.float32]


class LunarLanders(gymnasium.vector.VectorEnv[Array, Array, Any]):
    """N landers in one simulation. Actions (N, A) in [-1, 1], observations (N, D).

    `settings`: as of `LunarLander`, and `threads`; `n_envs` is `num_envs` here::

        gymnasium.make_vec("landerctl/LunarLander-v0", num_envs=64)

    An episode that ends is followed by the next one in the same step; `final_obs` and `final_info`
    are of its end. Seeds give the episodes that `LunarLander` flies with them.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012
        "render_modes": list(RENDER_MODES),
        "render_fps": 10,
        "autoreset_mode": AutoresetMode.SAME_STEP,
    }

    def __init__(
        self,
        num_envs: int = 1,
        settings: FleetSettings | None = None,
        render_mode: str | None = None,
        *,
        vehicle: str | None = None,
        stage: int | None = None,
    ) -> None:
        self.num_envs = integer("num_envs", num_envs, 1)
        check_render_mode(render_mode)
        settings = settings_of(settings, vehicle, stage)
        self.render_mode = render_mode
        self.metadata = self.metadata | {"render_fps": round(1.0 / settings.control_interval_s)}
        self._views: list[View] = []
        self._fleet = LanderFleet(replace(settings, n_envs=self.num_envs))
        self.single_observation_space = self._fleet.observation_space
        self.single_action_space = self._fleet.action_space
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self._draws: list[np.random.Generator] = []
        self._seeds = np.zeros(self.num_envs, np.uint64)
        self._next = np.zeros(self.num_envs, np.uint64)

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Array, dict[str, Any]]:
        """Start all episodes. `seed`: of the first lander, the others count up; or one for each.

        Returns the observations, and `info` with the 64-bit seeds of the episodes.
        """
        seeds = self._each(seed)
        episode_seed = apply_options(self._fleet, options)
        if not self._draws or any(one is not None for one in seeds):
            old = self._draws
            self._draws = [
                old[i] if one is None and old else np.random.default_rng(one)
                for i, one in enumerate(seeds)
            ]
        self._seeds[:] = [_draw(draws) for draws in self._draws]
        if episode_seed is not None:
            self._seeds[:] = episode_seed
        self._fleet.set_next_seeds(range(self.num_envs), self._seeds)
        observations = self._fleet.reset()
        self._prepare(range(self.num_envs))
        if self.render_mode is not None:
            from env.rendering.view import make_views  # noqa: PLC0415, only where pictures are drawn

            self._views = make_views(self._fleet, self.render_mode)
        every = np.ones(self.num_envs, bool)
        return observations, {"seed": self._seeds.copy(), "_seed": every}

    def step(
        self, actions: Array
    ) -> tuple[Array, npt.NDArray[np.float64], npt.NDArray[np.bool_], npt.NDArray[np.bool_], Any]:
        """Fly one control interval. Raises gymnasium.error.ResetNeeded before the first reset."""
        if not self._draws:
            raise gymnasium.error.ResetNeeded("call reset() before step(): no episode is running")
        self._fleet.step_async(actions)
        observations, rewards, dones, ends = self._fleet.step_wait()
        infos: dict[str, Any] = {}
        over = [int(i) for i in np.flatnonzero(dones)]
        for i in over:
            final = {"is_success": ends[i]["is_success"], "lander": ends[i]["lander"]}
            ended = {"final_obs": ends[i]["terminal_observation"], "final_info": final}
            self._seeds[i] = self._next[i]
            infos = self._add_info(infos, ended | {"seed": self._seeds[i]}, i)
            if self._views:
                self._views[i].begin()
        self._prepare(over)
        truncated = np.zeros(self.num_envs, bool)
        return observations, rewards.astype(np.float64), dones, truncated, infos

    def render(self) -> tuple[Any, ...] | None:
        """A picture or text of now for each lander; None without a render mode or an episode."""
        return tuple(view.render() for view in self._views) or None

    def close_extras(self, **kwargs: Any) -> None:
        """Free the simulation's memory."""
        self._fleet.close()

    def _each(self, seed: int | Sequence[int | None] | None) -> list[int | None]:
        if seed is None:
            return [None] * self.num_envs
        if not isinstance(seed, Sequence | np.ndarray):
            first = integer("seed", seed, 0)
            return [first + i for i in range(self.num_envs)]
        if len(seed) != self.num_envs:
            raise ValueError(f"seed has {len(seed)} entries: expected {self.num_envs}")
        return [None if one is None else integer("seed", one, 0) for one in seed]

    def _prepare(self, crafts: Sequence[int]) -> None:
        """Draw the seeds of the episodes that follow without a reset."""
        for i in crafts:
            self._next[i] = _draw(self._draws[i])
        self._fleet.set_next_seeds(crafts, [self._next[i] for i in crafts])


def _draw(draws: np.random.Generator) -> np.uint64:
    return draws.integers(2**64, dtype=np.uint64)
