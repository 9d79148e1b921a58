"""Descent profiles of an evaluation's episodes: paths and descent rates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from daemon.base.text.counted import counted
from daemon.runs.trajectories import Trajectories
from landerctl.plots.style import INK, OUTCOMES, legend, new_figure, panel

MAX_FLIGHTS = 100
LOWEST_M, SLOWEST_M_S = 0.3, 0.1  # where the logarithmic axes end
KILOMETRES_FROM_M = 3000.0
REFERENCE_LINE: dict[str, Any] = {"color": INK, "linewidth": 1.6, "linestyle": (0, (5, 2))}


def descent_profiles(trajectories: Trajectories, title: str, subtitle: str) -> Figure:
    """Height over distance to the pad, and descent rate over height with the reference field.

    Time increases from left to right in both. Draws at most MAX_FLIGHTS, those of the first seeds.
    """
    figure = new_figure(10.4, 5.6, title, subtitle)
    paths, rates = figure.subplots(1, 2)
    flights = range(min(len(trajectories.seeds), MAX_FLIGHTS))
    names = [str(name) for name in trajectories.outcomes[: len(flights)]]
    # Landings first, so that failures are drawn on top.
    order = sorted(flights, key=lambda e: names[e] != "landed")
    _draw_paths(paths, trajectories, order)
    _draw_rates(rates, trajectories, order)
    some = (
        f" of the first {counted(len(flights), 'episode')}"
        if len(flights) < len(trajectories.seeds)
        else ""
    )
    paths.set_title(f"Paths{some}")
    drawn = [name for name in OUTCOMES if name in names]
    lines = [Line2D([], [], color=OUTCOMES[n].colour, linestyle=OUTCOMES[n].line) for n in drawn]
    labels = [f"{OUTCOMES[name].label} {names.count(name)}" for name in drawn]
    legend(figure, [*lines, Line2D([], [], **REFERENCE_LINE)], [*labels, "reference field"])
    return figure


def _draw_paths(axes: Axes, trajectories: Trajectories, order: list[int]) -> None:
    height_m = trajectories.column("height_m") + trajectories.column("ground_height_m")
    downrange = {episode: downrange_m(trajectories, episode) for episode in order}
    # Cut off paths that go further than any start, so that they do not compress the others.
    farthest_m = 1.1 * max(float(path[0]) for path in downrange.values())
    beyond_m = max(-float(path.min()) for path in downrange.values())
    beyond_m = min(max(1.1 * beyond_m, 0.05 * farthest_m), 0.5 * farthest_m)
    highest_m = 1.1 * float(height_m[trajectories.offsets[np.sort(order)]].max())
    scale, unit = (1e-3, "km") if highest_m > KILOMETRES_FROM_M else (1.0, "m")
    for episode in order:
        heights = height_m[trajectories.flight(episode)]
        look = _look(trajectories, episode)
        axes.plot(downrange[episode] * scale, heights * scale, **look)
    axes.set_xlim(farthest_m * scale, -beyond_m * scale)
    axes.set_ylim(-0.04 * highest_m * scale, highest_m * scale)
    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    panel(
        axes, "Paths", f"downrange distance to the pad ({unit})", f"height above the pad ({unit})"
    )


def downrange_m(trajectories: Trajectories, episode: int) -> npt.NDArray[np.float32]:
    """Distance to the pad (m) along the line to the start, per row; negative beyond the pad."""
    rows = trajectories.flight(episode)
    x, y = trajectories.column("x_m")[rows], trajectories.column("y_m")[rows]
    bearing_rad = math.atan2(y[0], x[0])
    path: npt.NDArray[np.float32] = x * math.cos(bearing_rad) + y * math.sin(bearing_rad)
    return path


def _draw_rates(axes: Axes, trajectories: Trajectories, order: list[int]) -> None:
    height_m = trajectories.column("height_m")
    rate_m_s = trajectories.column("descent_rate_m_s")
    feet_down = trajectories.column("feet_down")
    highest_m = fastest_m_s = 1.0
    for episode in order:
        rows = trajectories.flight(episode)
        rows = slice(rows.start, rows.start + _rows_before_contact(feet_down[rows]))
        highest_m = max(highest_m, float(height_m[rows].max()))
        fastest_m_s = max(fastest_m_s, float(rate_m_s[rows].max()))
        # Leave a gap where a craft climbs: the axis is logarithmic.
        falling = np.where(rate_m_s[rows] > 0.0, rate_m_s[rows], np.nan)
        axes.plot(height_m[rows], falling, **_look(trajectories, episode))
    axes.plot(trajectories.reference_height_m, trajectories.reference_descent_m_s, **REFERENCE_LINE)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(1.3 * highest_m, LOWEST_M)
    axes.set_ylim(SLOWEST_M_S, 1.6 * fastest_m_s)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:,g}")
    panel(axes, "Descent rates", "height above the ground (m)", "descent rate (m/s)")


def _look(trajectories: Trajectories, episode: int) -> dict[str, Any]:
    style = OUTCOMES[str(trajectories.outcomes[episode])]
    return {"color": style.colour, "linestyle": style.line, "linewidth": 0.8, "alpha": 0.6}


def _rows_before_contact(feet_down: npt.NDArray[np.float32]) -> int:
    """The number of rows before the first ground contact."""
    grounded = np.flatnonzero(feet_down > 0.0)
    return int(grounded[0]) if len(grounded) else len(feet_down)
