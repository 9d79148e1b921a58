"""Where an evaluation's flights touched the ground, from above, with rings around the pad. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from textual.content import Content

from daemon.base.text.counted import counted
from landerctl.flight.canvas import DOTS_X, DOTS_Y, Canvas
from landerctl.flight.picture import round_down
from landerctl.tui.landings.records import Flight, mark

RING, LABEL, PAD, CHOSEN = "$secondary 60%", "$secondary", "bold $foreground", "reverse"
MIN_REACH_M = 0.2
EDGE_SHARE = 0.95  # the share of the touchdowns that must lie within the drawing
MARGIN = 1.2
MAX_RINGS = 3
ARROWS, FAILED_ARROWS = "→↗↑↖←↙↓↘", "⇒⇗⇑⇖⇐⇙⇓⇘"  # from +x on, towards +y
DOT_GAP = 2.5  # dots from one dot of a ring to the next


def reach_m(flights: Sequence[Flight], zoom: float = 1.0) -> float:
    """Distance from the pad to the drawing's nearer edges (m): EDGE_SHARE of all lie within."""
    misses = sorted(one.miss_m for one in flights if one.touched)
    most = misses[math.ceil(EDGE_SHARE * len(misses)) - 1] if misses else 0.0
    return max(MIN_REACH_M, MARGIN * most) / zoom


def rings_m(reach: float) -> list[float]:
    """Radii (m) of the rings within `reach`: the largest of 1, 2, 5 times a power of ten, and
    those before it.
    """
    rings = [round_down(reach)]
    while len(rings) < MAX_RINGS:
        rings.append(round_down(0.75 * rings[-1]))
    return rings[::-1]


def touchdown_lines(
    flights: Sequence[Flight], chosen: int | None, zoom: float, width: int, height: int
) -> list[Content]:
    """`height` lines of `width` cells. `chosen`: the seed of the flight that is highlighted."""
    if width < 1 or height < 1:
        return []
    canvas = Canvas(width, height)
    reach = reach_m(flights, zoom)
    metres_per_dot = reach / (min(canvas.width, canvas.height) / 2.0)
    middle_x, middle_y = canvas.width / 2.0, canvas.height / 2.0

    def cell(x_m: float, y_m: float) -> tuple[int, int]:
        x, y = middle_x + x_m / metres_per_dot, middle_y - y_m / metres_per_dot
        return math.floor(x / DOTS_X), math.floor(y / DOTS_Y)

    for ring in rings_m(reach):
        radius = ring / metres_per_dot
        dots = max(8, round(2.0 * math.pi * radius / DOT_GAP))
        for k in range(dots):
            angle = 2.0 * math.pi * k / dots
            canvas.dot(
                math.floor(middle_x + radius * math.cos(angle)),
                math.floor(middle_y - radius * math.sin(angle)),
                RING,
            )
    # Failures last, so that they lie on top; above all the chosen one.
    for one in sorted(flights, key=lambda one: (one.seed == chosen, not one.landed)):
        if one.touched:
            sign, style = mark(one.outcome)
            column, row = cell(one.x_m, one.y_m)
            if not (0 <= column < width and 0 <= row < height):
                sign = _arrow(one)
                column, row = _edge(column, row, width, height)
            canvas.write(column, row, sign, f"{style} {CHOSEN}" if one.seed == chosen else style)
    canvas.write(*cell(0.0, 0.0), "+", PAD)
    for ring in rings_m(reach):
        # Where the ring crosses the vertical axis, below the pad.
        column, row = cell(0.0, -ring)
        text = f"{ring:g} m"
        canvas.write(column - len(text) // 2, row, text, LABEL)
    return [Content.assemble(*canvas.runs(row)) for row in range(canvas.rows)]


def _arrow(flight: Flight) -> str:
    """The direction of a touchdown outside the drawing: double where it did not land."""
    arrows = ARROWS if flight.landed else FAILED_ARROWS
    return arrows[round(math.atan2(flight.y_m, flight.x_m) / (math.pi / 4.0)) % len(arrows)]


def _edge(column: int, row: int, width: int, height: int) -> tuple[int, int]:
    """The cell at the edge in the direction of a cell outside, seen from the middle."""
    x, y = column - width / 2.0, row - height / 2.0
    share = min(width / 2.0 / max(abs(x), 1e-9), height / 2.0 / max(abs(y), 1e-9))
    at = int(width / 2.0 + share * x), int(height / 2.0 + share * y)
    return min(max(at[0], 0), width - 1), min(max(at[1], 0), height - 1)


def touchdown_caption(flights: Sequence[Flight], zoom: float) -> str:
    """How near the touchdowns are, and how many the drawing does not show."""
    misses = sorted(one.miss_m for one in flights if one.touched)
    if not misses:
        return "no flight touched the ground"
    half, most = (misses[math.ceil(share * len(misses)) - 1] for share in (0.5, 0.95))
    parts = [f"half within {_metres(half)}, 95% within {_metres(most)}"]
    reach = reach_m(flights, zoom)
    beyond = sum(miss > reach for miss in misses)
    if beyond:
        parts.append(f"{beyond} beyond {_metres(reach)}")
    aloft = len(flights) - len(misses)
    if aloft:
        parts.append(f"{counted(aloft, 'flight')} did not touch the ground")
    return "; ".join(parts)


def _metres(metres: float) -> str:
    return f"{metres:,.0f} m" if metres >= 10.0 else f"{metres:.2g} m"
