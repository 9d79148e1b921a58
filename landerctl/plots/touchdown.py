"""Touchdown positions of an evaluation's episodes around the pad, from above."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from matplotlib.ticker import MaxNLocator

from daemon.runs.trajectories import Trajectories
from landerctl.plots.style import FAINT, INK, OUTCOMES, QUIET, legend, new_figure, panel

RINGS_M = (5.0, 10.0, 20.0)
REACH_M = 25.0  # axis limit on each side of the pad
ZOOM_SHARE = 0.3  # if nearly all are within this share of the reach, a second panel zooms in
ZOOM_RINGS_M = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_Points = npt.NDArray[np.float64]


def touchdown_scatter(trajectories: Trajectories, title: str, subtitle: str) -> Figure:
    """Final positions around the pad by outcome, with a zoomed panel if the misses are small.

    Raises ValueError if no episode touched the ground.
    """
    touched = np.isfinite(trajectories.touchdown_speed_m_s)
    if not touched.any():
        raise ValueError("no episode of this evaluation touched the ground")
    ends = np.stack([trajectories.last("x_m"), trajectories.last("y_m")], axis=1)
    points = ends[touched].astype(np.float64)
    outcomes = trajectories.outcomes[touched]
    distances = np.hypot(points[:, 0], points[:, 1])
    reach = max(REACH_M, 1.1 * float(np.percentile(distances, 90)))
    most = float(np.percentile(distances, 95))
    close = most < ZOOM_SHARE * reach
    figure = new_figure(*((9.6, 5.8) if close else (7.0, 7.6)), title, subtitle)
    panels = figure.subplots(1, 2 if close else 1, squeeze=False)[0]
    _draw(panels[0], points, outcomes, reach, RINGS_M)
    beyond = int(np.count_nonzero(np.abs(points).max(axis=1) > reach))
    outside = f"; {beyond} beyond the edge" if beyond else ""
    panel(panels[0], f"Around the pad{outside}", "x from the pad (m)", "y from the pad (m)")
    if close:
        zoom = max(1.25 * most, 2.0 * ZOOM_RINGS_M[0])
        rings = [ring for ring in ZOOM_RINGS_M if 0.15 * zoom < ring < zoom]
        _draw(panels[1], points, outcomes, zoom, tuple(rings))
        median = float(np.median(distances))
        text = f"Closer: half within {median:.2g} m, 95% within {most:.2g} m"
        panel(panels[1], text, "x from the pad (m)", "y from the pad (m)")
        panels[0].add_patch(
            Rectangle((-zoom, -zoom), 2 * zoom, 2 * zoom, fill=False, edgecolor=QUIET, lw=0.8)
        )
    legend(figure, *panels[0].get_legend_handles_labels())
    return figure


def _draw(
    axes: Axes,
    points: _Points,
    outcomes: npt.NDArray[np.str_],
    reach_m: float,
    rings_m: tuple[float, ...],
) -> None:
    for ring in rings_m:
        axes.add_patch(
            Circle((0.0, 0.0), ring, fill=False, edgecolor=QUIET, lw=0.8, ls=(0, (4, 3)))
        )
        place = ring * np.sqrt(0.5)
        ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.8}
        look: dict[str, Any] = {
            "color": INK,
            "fontsize": 8,
            "ha": "center",
            "va": "center",
            "bbox": ground,
        }
        axes.text(place, place, f"{ring:g} m", zorder=4, **look)
    for name, style in OUTCOMES.items():
        chosen = points[outcomes == name]
        if not len(chosen):
            continue
        axes.scatter(
            chosen[:, 0],
            chosen[:, 1],
            s=22,
            marker=style.marker,
            facecolor=style.colour,
            edgecolor="white",
            linewidth=0.4,
            alpha=0.75,
            label=f"{style.label} {len(chosen)}",
            zorder=3,
        )
    axes.plot(0.0, 0.0, "+", color=INK, markersize=11, markeredgewidth=1.3, zorder=4)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.set_xlim(-reach_m, reach_m)
    axes.set_ylim(-reach_m, reach_m)
    axes.set_aspect("equal")
    axes.grid(color=FAINT, linewidth=0.4)
