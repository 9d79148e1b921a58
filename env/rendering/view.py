"""What an environment's `render` returns for one craft of a fleet."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from env.fleet import Episode, LanderFleet
from env.rendering.frame import end_frame, read_frame
from env.rendering.lines import text_lines
from env.rendering.painter import Painter

Picture = npt.NDArray[np.uint8]


class View:
    """Follows a craft from the start of each episode to its end."""

    def __init__(self, fleet: LanderFleet, craft: int, painter: Painter | None) -> None:
        """An episode of the craft has begun. `painter`: None: `render` returns text."""
        self._fleet, self._craft, self._painter = fleet, craft, painter
        self.begin()

    def begin(self) -> None:
        """An episode has begun."""
        self._frame, self._ended = read_frame(self._fleet, self._craft), False

    def look(self) -> None:
        """Keep this moment: a step that ends the episode leaves no attitude of its last moment."""
        self._frame = read_frame(self._fleet, self._craft, self._frame.bearing_rad)

    def end(self, episode: Episode) -> None:
        """The episode ended in the step after `look`; the craft already flies the next one."""
        self._frame = end_frame(self._fleet, self._craft, self._frame, episode)
        self._ended = True

    def render(self) -> Picture | str:
        """A picture (H, W, 3) of now, or lines of text."""
        if not self._ended:
            self.look()
        return (
            text_lines(self._frame) if self._painter is None else self._painter.paint(self._frame)
        )


def make_views(fleet: LanderFleet, render_mode: str | None) -> list[View]:
    """A view of each craft, whose episodes have begun."""
    painter = Painter(fleet.settings.vehicle) if render_mode == "rgb_array" else None
    return [View(fleet, craft, painter) for craft in range(fleet.num_envs)]
