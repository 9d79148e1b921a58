"""The descent from the side: ground, pad, path, and the craft with tilt and exhaust. Pure.

At small scales the craft is drawn enlarged, else it would be less than a dot.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from checks.wording import number
from daemon.protocol.flight import FlightBegan, FlightSample
from landerctl.flight.canvas import DOTS_X, DOTS_Y, Canvas
from landerctl.flight.view import View, along_plane, craft_height_m, foot_point, ground_height_m

GROUND, PAD, PATH, HULL, EXHAUST, SCALE = "grey50", "green", "cyan", "bold", "yellow", "dim"
PATH_LAYER, EXHAUST_LAYER, GROUND_LAYER, HULL_LAYER = 1, 2, 3, 4
MIN_CRAFT_DOTS = 10.0
NOSE_SHARE = 0.25  # tapered part of the hull's height
PLUME_SHARE = 0.7  # longest exhaust, as a share of the craft's height
FAINTEST = 0.01  # share of full thrust below which no flame is drawn
JET_SHARE = 0.25  # the same for a landing thruster


@dataclass(frozen=True)
class _Axes:
    """The craft in the plane: origin at the feet, `s` along its axis, `w` across; in metres."""

    along_m: float
    height_m: float
    up_along: float
    up_height: float
    enlarged: float

    def to_craft(self, along_m: float, height_m: float) -> tuple[float, float]:
        """(s, w) of a point of the plane, in the craft's true size."""
        a, h = along_m - self.along_m, height_m - self.height_m
        s = (a * self.up_along + h * self.up_height) / self.enlarged
        w = (a * self.up_height - h * self.up_along) / self.enlarged
        return s, w

    def to_plane(self, s: float, w: float) -> tuple[float, float]:
        """(along, height) in the plane of a point (s, w) of the craft, in metres."""
        a = self.enlarged * (s * self.up_along + w * self.up_height)
        h = self.enlarged * (s * self.up_height - w * self.up_along)
        return self.along_m + a, self.height_m + h


@dataclass(frozen=True)
class _Jet:
    """A flame in the craft's axes: a cone that narrows away from its nozzle; in metres."""

    nozzle_m: float  # above the feet
    beside_m: float  # of the craft's axis, on both sides
    length_m: float
    half_m: float  # of the width at the nozzle


def draw(began: FlightBegan, samples: Sequence[FlightSample], view: View) -> list[Text]:
    """The picture's rows; `samples` from the start to the shown one."""
    canvas = Canvas(view.columns, view.rows)
    _draw_path(canvas, view, [foot_point(began, sample) for sample in samples])
    _draw_ground(canvas, view, began)
    _draw_craft(canvas, view, began, samples[-1])
    _write_heights(canvas, view)
    _write_scale(canvas, view)
    return canvas.lines()


def _draw_path(canvas: Canvas, view: View, points: Sequence[tuple[float, float]]) -> None:
    last = None
    for point in points:
        here = view.dots(*point)
        if last is not None:
            # Skip samples that fall into the same dot.
            if math.dist(last, here) < 1.0:
                continue
            canvas.line(last, here, PATH)
        last = here


def _draw_ground(canvas: Canvas, view: View, began: FlightBegan) -> None:
    pad_half_m = max(began.max_distance_m, 1.5 * view.metres_per_dot)
    for x in range(canvas.width):
        along = view.along_m(x)
        surface = round(view.dots(along, ground_height_m(began, along))[1])
        on_pad = abs(along) <= pad_half_m
        style = PAD if on_pad else GROUND
        for y in range(max(surface, 0), canvas.height):
            depth = y - surface
            if depth == 0 or (on_pad and depth == 1) or (3 * x + 5 * depth) % 16 == 0:
                canvas.dot(x, y, style if depth < DOTS_Y else GROUND, GROUND_LAYER)
    pad_x, pad_y = view.dots(0.0, ground_height_m(began, 0.0))
    row = min(int(pad_y) // DOTS_Y + 1, canvas.rows - 1)
    canvas.write(int(pad_x) // DOTS_X - 2, row, " pad ", PAD)


def _draw_craft(canvas: Canvas, view: View, began: FlightBegan, sample: FlightSample) -> None:
    size_m = craft_height_m(began)
    enlarged = max(1.0, MIN_CRAFT_DOTS * view.metres_per_dot / size_m)
    along, height = foot_point(began, sample)
    up = (along_plane(began, sample.up_x, sample.up_y), sample.up_z)
    length = math.hypot(*up)
    # Seen end-on it has no direction in the plane: draw it upright.
    up = (up[0] / length, up[1] / length) if length > 1e-6 else (0.0, 1.0)
    axes = _Axes(along, height, up[0], up[1], enlarged)
    for side in (-1.0, 1.0):
        hip = axes.to_plane(_hip_m(began), side * began.hull_radius_m)
        foot = axes.to_plane(0.0, side * began.foot_radius_m)
        canvas.line(view.dots(*hip), view.dots(*foot), HULL)
    jets = _jets(began, sample)
    flicker = round(sample.time_s * 10.0)
    reach = enlarged * (size_m * (1.0 + PLUME_SHARE)) / view.metres_per_dot
    dot_m = view.metres_per_dot / enlarged
    widest_m = 2.0 * began.hull_radius_m + dot_m
    x0, y0 = view.dots(along, height)
    for y in range(max(0, int(y0 - reach)), min(canvas.height, int(y0 + reach) + 2)):
        for x in range(max(0, int(x0 - reach)), min(canvas.width, int(x0 + reach) + 2)):
            s, w = axes.to_craft(view.along_m(x), view.height_m(y))
            if abs(w) > widest_m:
                continue
            if _in_hull(began, s, w, dot_m):
                canvas.dot(x, y, HULL, HULL_LAYER)
            elif (x * 7 + y * 5 + flicker * 3) % 4 != 0 and any(_in_jet(jet, s, w) for jet in jets):
                canvas.dot(x, y, EXHAUST, EXHAUST_LAYER)


def _hip_m(began: FlightBegan) -> float:
    """Height above the feet at which a leg leaves the hull (m)."""
    return began.engine_offset_m - began.foot_offset_m + began.hull_radius_m


def _in_hull(began: FlightBegan, s: float, w: float, dot_m: float) -> bool:
    bottom = began.engine_offset_m - began.foot_offset_m
    top = craft_height_m(began)
    if not bottom <= s <= top:
        return False
    taper = NOSE_SHARE * (top - bottom)
    half = began.hull_radius_m * min(1.0, math.sqrt(max((top - s) / taper, 0.0)))
    return abs(w) <= max(half, 0.5 * dot_m)


def _jets(began: FlightBegan, sample: FlightSample) -> list[_Jet]:
    """Flames of the engines and of the landing thrusters on both sides, if burning."""
    size_m, hull_m = craft_height_m(began), began.hull_radius_m
    jets = []
    for thrusts, station_m, beside_m, share, half_m in (
        (sample.engine_thrust, began.engine_offset_m, 0.0, PLUME_SHARE, 0.8 * hull_m),
        (sample.landing_thrust, began.thruster_offset_m, 1.3 * hull_m, JET_SHARE, 0.35 * hull_m),
    ):
        thrust = sum(thrusts) / max(len(thrusts), 1)
        if thrust >= FAINTEST:
            length_m = share * size_m * math.sqrt(thrust)
            jets.append(_Jet(station_m - began.foot_offset_m, beside_m, length_m, half_m))
    return jets


def _in_jet(jet: _Jet, s: float, w: float) -> bool:
    below = jet.nozzle_m - s
    if not 0.0 <= below <= jet.length_m:
        return False
    return abs(abs(w) - jet.beside_m) <= jet.half_m * (1.0 - 0.6 * below / jet.length_m)


def _write_heights(canvas: Canvas, view: View) -> None:
    """Write three to six round heights above the pad at the left edge."""
    span = canvas.height * view.metres_per_dot
    step = round_down(span / 3.0)
    k = 1
    while (y := view.dots(0.0, k * step)[1]) >= 0.0:
        canvas.write(0, int(y) // DOTS_Y, f"{number(k * step)} m", SCALE)
        k += 1


def _write_scale(canvas: Canvas, view: View) -> None:
    """Write a scale bar of a round length in metres into the last row."""
    length_m = round_down(canvas.width * view.metres_per_dot / 4.0)
    cells = max(2, round(length_m / view.metres_per_dot / DOTS_X))
    text = f" ├{'─' * (cells - 2)}┤ {number(length_m)} m "
    canvas.write(canvas.columns - len(text), canvas.rows - 1, text, SCALE)


def round_down(value: float) -> float:
    """The largest of 1, 2 or 5 times a power of ten that is not above `value`."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= value * (1.0 + 1e-9))
