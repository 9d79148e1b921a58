"""Selects the part of the approach plane that the picture shows, and its scale. Pure.

The plane is vertical and contains pad and start. Distances along it are measured from the pad
towards the start; heights are above the sphere through the pad, so the Moon's curvature is drawn
flat.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from daemon.protocol.flight import FlightBegan, FlightSample
from landerctl.flight.canvas import DOTS_X, DOTS_Y

LADDER = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)  # scales in metres per dot, times powers of ten
CRAFT_DOTS = 60.0  # maximum height of the drawn craft
HOLD_S = 3.0  # the picture zooms in once the closer view has sufficed for this time
GROUND_SHARE = 0.12  # part of the picture's height below the surface
MARGIN, HEADROOM = 0.8, 1.1  # margins beside and above the feet, in craft heights
PAN_STEPS = 8  # the picture pans in steps of 1/8 of its width


@dataclass(frozen=True)
class View:
    """A window of the plane: its lower left corner (m) and the scale."""

    left_m: float
    bottom_m: float
    metres_per_dot: float
    columns: int
    rows: int

    def dots(self, along_m: float, height_m: float) -> tuple[float, float]:
        """Dot coordinates of a point of the plane."""
        x = (along_m - self.left_m) / self.metres_per_dot
        y = self.rows * DOTS_Y - 1 - (height_m - self.bottom_m) / self.metres_per_dot
        return x, y

    def along_m(self, x: float) -> float:
        """The distance from the pad (m) at dot column `x`."""
        return self.left_m + x * self.metres_per_dot

    def height_m(self, y: float) -> float:
        """The height (m) at dot row `y`."""
        return self.bottom_m + (self.rows * DOTS_Y - 1 - y) * self.metres_per_dot


def along_plane(began: FlightBegan, x: float, y: float) -> float:
    """The component of a horizontal vector in the approach plane, positive towards the start."""
    return x * math.cos(began.bearing_rad) + y * math.sin(began.bearing_rad)


def craft_height_m(began: FlightBegan) -> float:
    """Height of the craft from feet to nose (m)."""
    return began.nose_offset_m - began.foot_offset_m


def foot_point(began: FlightBegan, sample: FlightSample) -> tuple[float, float]:
    """The point between the feet in the plane: distance along it and height (m)."""
    return along_plane(began, sample.x_m, sample.y_m), sample.altitude_m + sample.ground_height_m


def ground_height_m(began: FlightBegan, along_m: float) -> float:
    """Ground height (m): the profile, interpolated linearly and constant beyond its ends."""
    distances, heights = began.profile_distance_m, began.profile_height_m
    at = bisect_left(distances, along_m)
    if at == 0:
        return heights[0]
    if at == len(distances):
        return heights[-1]
    share = (along_m - distances[at - 1]) / (distances[at] - distances[at - 1])
    return heights[at - 1] + share * (heights[at] - heights[at - 1])


def follow(began: FlightBegan, samples: Sequence[FlightSample], columns: int, rows: int) -> View:
    """A view of craft and pad at the last sample, as close as the last HOLD_S seconds allow."""
    last = samples[-1]
    recent = []
    for sample in reversed(samples):
        if sample.time_s < last.time_s - HOLD_S:
            break
        recent.append(sample)
    views = [_closest(began, [sample], 0.0, columns, rows) for sample in recent]
    scale = max(view.metres_per_dot for view in views)
    return _closest(began, [last], scale, columns, rows)


def overview(began: FlightBegan, samples: Sequence[FlightSample], columns: int, rows: int) -> View:
    """A view of the whole flight."""
    return _closest(began, samples, 0.0, columns, rows)


def nice_scale(metres_per_dot: float) -> float:
    """The finest scale of LADDER that is not finer than this."""
    power = 10.0 ** math.floor(math.log10(metres_per_dot))
    for step in LADDER:
        if step * power >= metres_per_dot * (1.0 - 1e-9):
            return step * power
    return 10.0 * power


def _extent(began: FlightBegan, samples: Iterable[FlightSample]) -> tuple[float, float, float]:
    """Leftmost and rightmost point (m) and the highest one of craft and pad."""
    points = [foot_point(began, sample) for sample in samples]
    size = craft_height_m(began)
    left = min(0.0, *(along for along, _ in points)) - MARGIN * size
    right = max(0.0, *(along for along, _ in points)) + MARGIN * size
    return left, right, max(height for _, height in points) + HEADROOM * size


def _closest(
    began: FlightBegan, samples: Sequence[FlightSample], finest_m: float, columns: int, rows: int
) -> View:
    """The closest view that contains craft and pad, not finer than `finest_m` metres per dot."""
    left, right, top = _extent(began, samples)
    finest_m = max(finest_m, craft_height_m(began) / CRAFT_DOTS)
    scale = nice_scale(max(finest_m, (right - left) / (columns * DOTS_X)))
    while True:
        view = _place(began, (left, right), scale, columns, rows)
        if view.dots(0.0, top)[1] >= 0.0:
            return view
        scale = nice_scale(1.01 * scale)


def _place(
    began: FlightBegan, span: tuple[float, float], scale: float, columns: int, rows: int
) -> View:
    """The view at this scale around `span` (m along the plane), above its lowest ground."""
    width = columns * DOTS_X * scale
    step = width / PAN_STEPS
    middle = (span[0] + span[1]) / 2.0
    # Pan in steps, but keep everything in the picture.
    centre = round(middle / step) * step
    slack = max((width - (span[1] - span[0])) / 2.0, 0.0)
    centre = min(max(centre, middle - slack), middle + slack)
    start = centre - width / 2.0
    shown = [ground_height_m(began, start + width * k / 16) for k in range(17)]
    lowest = min(*shown, ground_height_m(began, 0.0))
    return View(start, lowest - rows * DOTS_Y * GROUND_SHARE * scale, scale, columns, rows)
