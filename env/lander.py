"""One lander as a Gymnasium environment: a fleet of one, the same code and the same numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import numpy.typing as npt

from env.fleet import COMPONENT_NAMES, Episode, FleetSettings, LanderFleet
from env.named_settings import settings_of
from env.options import apply_options
from env.rendering.modes import RENDER_MODES, check_render_mode

if TYPE_CHECKING:
    from env.rendering.view import View

Array = npt.NDArray[np.float32]


class LunarLander(gymnasium.Env[Array, Array]):
    """`landerctl/LunarLander-v0`. Actions (A,) in [-1, 1]; observations by env.task.observation.

    `settings`: vehicle, terrain and sensors; `n_envs` is always 1 here::

        gymnasium.make("landerctl/LunarLander-v0", settings=FleetSettings(vehicle=APOLLO_LM))

    `vehicle` (a name) and `stage` (1 to 5) replace those of the settings. `render_mode`:
    "rgb_array", pictures (540, 960, 3); "ansi", lines of text; None: nothing of it is loaded.

    `reset(seed=s)` gives the same episode for the same `s`, and later resets without a seed the
    same sequence. An episode ends only by `terminated`: its time limit is part of the task,
    observed and rewarded. `info["reward_components"]` are the parts of a step's reward.
    """

    metadata: dict[str, Any] = {"render_modes": list(RENDER_MODES), "render_fps": 10}  # noqa: RUF012, Gymnasium declares it as an instance's

    def __init__(
        self,
        settings: FleetSettings | None = None,
        render_mode: str | None = None,
        *,
        vehicle: str | None = None,
        stage: int | None = None,
    ) -> None:
        check_render_mode(render_mode)
        settings = settings_of(settings, vehicle, stage)
        self.render_mode = render_mode
        self.metadata = self.metadata | {"render_fps": round(1.0 / settings.control_interval_s)}
        self._view: View | None = None
        self._fleet = LanderFleet(replace(settings, n_envs=1, threads=1))
        self.observation_space = self._fleet.observation_space
        self.action_space = self._fleet.action_space
        self._closed = False
        self._over = True
        self._earned = dict.fromkeys(COMPONENT_NAMES, 0.0)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Array, dict[str, Any]]:
        """Start an episode; returns the first observation, and `info` with its 64-bit seed.

        `options`: see `env.options`. Raises TypeError and ValueError for others.
        """
        if self._closed:
            self._fleet, self._view, self._closed = LanderFleet(self._fleet.settings), None, False
        wanted = apply_options(self._fleet, options)
        super().reset(seed=seed)
        # numpy's type: Gymnasium makes arrays of int64 of Python's integers, which are too small.
        episode_seed = self.np_random.integers(2**64, dtype=np.uint64)
        if wanted is not None:
            episode_seed = np.uint64(wanted)
        self._fleet.set_next_seeds([0], [episode_seed])
        self._over = False
        self._earned = dict.fromkeys(COMPONENT_NAMES, 0.0)
        observation = self._fleet.begin(0)
        if self.render_mode is not None:
            self._begin_view()
        return observation, {"seed": episode_seed}

    def step(self, action: Array) -> tuple[Array, float, bool, bool, dict[str, Any]]:
        """Fly one control interval. Raises gymnasium.error.ResetNeeded between episodes."""
        if self._over:
            raise gymnasium.error.ResetNeeded("call reset() before step(): no episode is running")
        if self._view is not None:
            self._view.look()
        self._fleet.step_async(np.asarray(action)[np.newaxis])
        observations, rewards, dones, infos = self._fleet.step_wait()
        info: dict[str, Any] = {}
        observation = observations[0]
        if dones[0]:
            self._over = True
            observation = infos[0]["terminal_observation"]
            episode: Episode = infos[0]["lander"]
            if self._view is not None:
                self._view.end(episode)
            info = {"is_success": episode.success, "lander": episode}
            earned = episode.components
        else:
            earned = self._fleet.components(0)
        info["reward_components"] = {
            name: total - self._earned[name] for name, total in earned.items()
        }
        self._earned = earned
        return observation, float(rewards[0]), bool(dones[0]), False, info

    def render(self) -> Any:
        """A picture (540, 960, 3) of now, or text, by `render_mode`; at the end with the outcome.

        Raises gymnasium.error.ResetNeeded before the first episode.
        """
        if self.render_mode is None:
            gymnasium.logger.warn("render() needs a render_mode: gymnasium.make(..., render_mode=)")
            return None
        if self._view is None:
            raise gymnasium.error.ResetNeeded("call reset() before render(): no episode was flown")
        return self._view.render()

    def _begin_view(self) -> None:
        if self._view is None:
            from env.rendering.view import make_views  # noqa: PLC0415, only where pictures are drawn

            (self._view,) = make_views(self._fleet, self.render_mode)
        else:
            self._view.begin()

    def close(self) -> None:
        """Free the simulation's memory; a later reset makes a new one, as SB3's check asks for."""
        self._fleet.close()
        self._closed, self._over = True, True
