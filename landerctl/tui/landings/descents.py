"""The descents of an evaluation's flights from the side: height over distance to the pad. Pure.

Time runs from left to right: the start is at the left, the pad at the right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from landerctl.flight.canvas import DOTS_X, DOTS_Y, Canvas
from landerctl.flight.picture import round_down
from landerctl.tui.landings.records import Flight, mark

LANDED, FAILED, CHOSEN = "$primary 55%", "$error", "bold $accent"
GROUND, LABEL = "$secondary 60%", "$secondary"
LANDED_LAYER, FAILED_LAYER, CHOSEN_LAYER = 1, 2, 3
MARGIN = 1.05
BEYOND_SHARE = 0.05  # the least room behind the pad, as a share of the distance before it
KILOMETRES_FROM_M = 3000.0
LABEL_CELLS = 8
MAX_LANDED = 24
DASH_DOTS, DASH_GAP = 3, 3  # of the failed flights: they differ from the others without colour too


@dataclass(frozen=True)
class _Window:
    """What is drawn, in metres and dots."""

    before_m: float  # distance to the pad at the left edge
    beyond_m: float  # behind the pad at the right edge
    high_m: float  # above the pad at the upper edge
    width: int
    height: int

    def dots(self, distance_m: float, height_m: float) -> tuple[float, float]:
        span = self.before_m + self.beyond_m
        x = (self.before_m - distance_m) / span * (self.width - 1)
        return x, (1.0 - height_m / self.high_m) * (self.height - 2)


def descent_lines(
    flights: Sequence[Flight], chosen: int | None, zoom: float, width: int, height: int
) -> list[Content]:
    """`height` lines of `width` cells. `chosen`: the seed of the flight that is highlighted."""
    flown = [one for one in flights if len(one.path) > 1]
    columns, rows = width - LABEL_CELLS, height - 1
    if not flown or columns < 2 or rows < 2:
        return [Content()] * max(height, 0)
    canvas = Canvas(columns, rows, on_top=True)
    window = _window(flown, zoom, canvas)
    ground = round(window.dots(0.0, 0.0)[1])
    for across in range(0, canvas.width, 2):
        canvas.dot(across, ground, GROUND, 0)
    drawn = [one for one in flown if not one.landed or one.seed == chosen]
    drawn += _some([one for one in flown if one.landed and one.seed != chosen])
    for one in drawn:
        _draw(canvas, window, one, one.seed == chosen)
    for one in flown:
        if not one.landed or one.seed == chosen:
            sign, style = mark(one.outcome)
            x, y = window.dots(*one.path[-1])
            ink = f"{style} reverse" if one.seed == chosen else style
            canvas.write(int(x) // DOTS_X, int(y) // DOTS_Y, sign, ink)
    labels = _heights(window, rows)
    lines = [
        Content.assemble((labels.get(row, "").rjust(LABEL_CELLS - 1) + " ", LABEL))
        + Content.assemble(*canvas.runs(row))
        for row in range(rows)
    ]
    return [*lines, Content.styled(_distances(window, columns), LABEL)]


def _some(landed: Sequence[Flight]) -> list[Flight]:
    """At most MAX_LANDED of them, evenly chosen by reward: more would be one dark band."""
    count = min(len(landed), MAX_LANDED)
    return [landed[k * len(landed) // count] for k in range(count)]


def _window(flown: Sequence[Flight], zoom: float, canvas: Canvas) -> _Window:
    before_m = MARGIN * max(one.path[0][0] for one in flown) / zoom
    before_m = max(before_m, 1.0)
    beyond_m = MARGIN * max(-distance for one in flown for distance, _ in one.path)
    high_m = max(MARGIN * max(one.path[0][1] for one in flown) / zoom, 1.0)
    # A flight that went far beyond the pad must not compress the others.
    beyond_m = min(max(beyond_m, BEYOND_SHARE * before_m), 0.5 * before_m)
    return _Window(before_m, beyond_m, high_m, canvas.width, canvas.height)


def _draw(canvas: Canvas, window: _Window, flight: Flight, chosen: bool) -> None:
    style, layer = (
        (CHOSEN, CHOSEN_LAYER)
        if chosen
        else (LANDED, LANDED_LAYER)
        if flight.landed
        else (FAILED, FAILED_LAYER)
    )
    last: tuple[float, float] | None = None
    flown = 0.0  # dots along the path
    for point in flight.path:
        here = window.dots(*point)
        if last is None:
            last = here
            continue
        length = math.dist(last, here)
        if length < 1.0:
            continue
        dashed = not flight.landed and not chosen
        if not dashed or flown % (DASH_DOTS + DASH_GAP) < DASH_DOTS:
            canvas.line(last, here, style, layer)
            if chosen:  # twice as thick
                canvas.line((last[0], last[1] + 1.0), (here[0], here[1] + 1.0), style, layer)
        flown += length
        last = here


def _heights(window: _Window, rows: int) -> dict[int, str]:
    """Labels of round heights by row."""
    step = round_down(window.high_m / 2.5)
    labels = {int(window.dots(0.0, 0.0)[1]) // DOTS_Y: "0 m"}
    k = 1
    while (y := window.dots(0.0, k * step)[1]) >= 0.0:
        labels.setdefault(int(y) // DOTS_Y, length(k * step, window.high_m))
        k += 1
    return {row: text for row, text in labels.items() if row < rows}


def _distances(window: _Window, columns: int) -> str:
    """The line below the drawing: round distances to the pad, and the pad."""
    line = [" "] * (LABEL_CELLS + columns)
    step = round_down((window.before_m + window.beyond_m) / 2.5)
    labels = [(0.0, "pad")]
    k = 1
    while k * step <= window.before_m:
        labels.append((k * step, length(k * step, window.before_m)))
        k += 1
    for distance_m, text in labels:
        column = LABEL_CELLS + int(window.dots(distance_m, 0.0)[0]) // DOTS_X
        start = min(max(column - len(text) // 2, 0), len(line) - len(text))
        free = line[max(start - 1, 0) : start + len(text) + 1]
        if all(cell == " " for cell in free):
            line[start : start + len(text)] = text
    return "".join(line)


def length(metres: float, longest_m: float) -> str:
    """A label of an axis up to `longest_m`: ``500 m``, ``12 km``."""
    return f"{metres / 1000.0:g} km" if longest_m >= KILOMETRES_FROM_M else f"{metres:g} m"
