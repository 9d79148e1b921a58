"""Draws a vehicle's records."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from benchmarks.results.flights import Descent, Flights
from benchmarks.results.percentile import percentile
from benchmarks.results.records import Recorded, VehicleRecords
from landerctl.plots.style import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    OUTCOMES,
    PURPLE,
    QUIET,
    VERMILION,
    legend,
    new_figure,
    panel,
    save_figure,
    styled,
)

_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE)
_ALLOWED_M = 20.0  # from the pad: what counts as landed


def training(records: VehicleRecords, out: Path) -> bool:
    """Difficulty, success and reward over steps of every seed; False if none has a curve."""
    found = [one for one in records.trainings if one.curve is not None]
    if not found:
        return False
    with styled():
        title = f"{records.vehicle}: training from scratch"
        text = "Of the exploring policy, over its last episodes at the difficulty of the time."
        figure = new_figure(9.6, 8.2, title, text)
        panels = figure.subplots(3, 1, sharex=True)
        for index, one in enumerate(found):
            _draw_curve(panels, one, _COLOURS[index % len(_COLOURS)])
        panel(panels[0], "Difficulty; stars: gates passed", "", "stage")
        panel(panels[1], "Success rate", "", "episodes that landed (%)")
        panel(panels[2], "Mean reward", "environment steps (millions)", "reward per episode")
        panels[1].set_ylim(-3.0, 103.0)
        panels[2].set_xlim(left=0.0)
        handles = [Line2D([], [], color=_COLOURS[k % len(_COLOURS)]) for k, _ in enumerate(found)]
        legend(figure, handles, [f"seed {one.result.seed}" for one in found])
        _save(figure, out)
    return True


def _save(figure: Figure, out: Path) -> None:
    """At a resolution for a page: several pictures are in the repository."""
    with mpl.rc_context({"savefig.dpi": 120}):
        save_figure(figure, out, "png")


def _draw_curve(panels: list[Axes], one: Recorded, colour: str) -> None:
    curve = one.curve
    assert curve is not None
    steps = np.array(curve.timesteps) / 1e6
    # Success and reward pause after each step of a ramp, until enough episodes have ended.
    for axes, values, scale in zip(
        panels, (curve.difficulty, curve.success, curve.reward), (1.0, 100.0, 1.0), strict=True
    ):
        known = np.array([math.nan if value is None else value for value in values])
        there = np.isfinite(known)
        axes.plot(steps[there], known[there] * scale, color=colour, linewidth=1.2, alpha=0.85)
    for gate in one.result.gates:
        panels[0].plot(
            gate.timesteps / 1e6,
            gate.stage,
            marker="*",
            markersize=11,
            markerfacecolor="white",
            markeredgecolor=colour,
            linestyle="none",
            zorder=5,
        )


def touchdowns(records: VehicleRecords, out: Path) -> bool:
    """Where each best model and the pilot came to rest; False if no flight is recorded."""
    flown = [(f"seed {one.result.seed}", one.flights) for one in records.trainings if one.flights]
    if not flown:
        return False
    if records.pilot is not None:
        flown.append(("reference pilot", records.pilot))
    columns = min(3, len(flown))
    rows = math.ceil(len(flown) / columns)
    with styled():
        title = f"{records.vehicle}: where the best models came to rest"
        text = (
            f"{len(flown[0][1].outcomes):,} fresh seeds each. Circles: half landed within; dashed: "
        )
        text += f"{_ALLOWED_M:g} m, farther is no landing."
        reach_m = _reach_m([flights for _, flights in flown])
        figure = new_figure(3.4 * columns + 0.4, 3.5 * rows + 1.2, title, text)
        panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
        for axes, (name, flights) in zip(panels, flown, strict=False):
            _draw_touchdowns(axes, name, flights, reach_m)
            axes.label_outer()
        for axes in panels[len(flown) :]:
            axes.set_visible(False)
        labels = {
            str(handle.get_label()): handle
            for axes in panels
            for handle in axes.get_legend_handles_labels()[0]
        }
        legend(figure, list(labels.values()), list(labels))
        _save(figure, out)
    return True


def _reach_m(flown: Sequence[Flights]) -> float:
    """Half a panel's width: twice what 95% of the widest model's landings need."""
    widest = max((percentile(one.misses_m, 0.95) for one in flown if one.misses_m), default=0.0)
    return min(max(2.0 * widest, 1.0), 1.25 * _ALLOWED_M)


def _draw_touchdowns(axes: Axes, name: str, flights: Flights, reach_m: float) -> None:
    x, y, outcomes = np.array(flights.x_m), np.array(flights.y_m), np.array(flights.outcomes)
    for outcome, style in OUTCOMES.items():
        of = outcomes == outcome
        if of.any():
            axes.plot(
                x[of],
                y[of],
                linestyle="none",
                marker=style.marker,
                markersize=2.2 if outcome == "landed" else 4.5,
                markeredgewidth=0.0,
                color=style.colour,
                alpha=0.5 if outcome == "landed" else 0.9,
                label=style.label,
            )
    beyond = int((np.maximum(np.abs(x), np.abs(y)) > reach_m).sum())
    if flights.misses_m:
        half_m = float(np.median(flights.misses_m))
        axes.add_patch(Circle((0, 0), half_m, fill=False, edgecolor=INK, linewidth=1.0))
    axes.add_patch(
        Circle((0, 0), _ALLOWED_M, fill=False, edgecolor=QUIET, linewidth=0.8, linestyle="--")
    )
    axes.set_xlim(-reach_m, reach_m)
    axes.set_ylim(-reach_m, reach_m)
    axes.set_aspect("equal")
    axes.grid(color=FAINT)
    outside = f"; {beyond} beyond the edge" if beyond else ""
    panel(axes, f"{name}{outside}", "x from the pad (m)", "y from the pad (m)")


def descents(records: VehicleRecords, out: Path) -> bool:
    """Descents of the first training's best model, the pilot and the optimum from the same starts.

    False without the records of a flight and of the optima.
    """
    model = next((one for one in records.trainings if one.flights), None)
    if model is None or model.flights is None or records.optima is None:
        return False
    with styled():
        title = f"{records.vehicle}: descents from the same starts"
        seeds = f"the first {len(model.flights.descents)} fresh seeds"
        figure = new_figure(10.4, 4.4, title, f"Until the first touchdown, {seeds}.")
        panels = figure.subplots(1, 3)
        drawn = [("reference pilot", GREEN, records.pilot.descents if records.pilot else [])]
        drawn.append((f"PPO, seed {model.result.seed}", BLUE, model.flights.descents))
        drawn.append(("optimum at rest", VERMILION, records.optima.descents))
        for _, colour, found in drawn:
            for one in found:
                _draw_descent(panels, one, colour)
        panel(panels[0], "Path", "horizontal distance from the pad (km)", "height (km)")
        panel(panels[1], "Speed", "speed (m/s)", "height (km)")
        panel(panels[2], "Propellant used", "time (s)", "share of the load (%)")
        handles = [Line2D([], [], color=colour) for _, colour, found in drawn if found]
        legend(figure, handles, [name for name, _, found in drawn if found])
        _save(figure, out)
    return True


def _draw_descent(panels: list[Axes], one: Descent, colour: str) -> None:
    height_km = np.array(one.height_m) / 1e3
    look: dict[str, Any] = {"color": colour, "linewidth": 1.1, "alpha": 0.8}
    panels[0].plot(np.array(one.distance_m) / 1e3, height_km, **look)
    panels[1].plot(one.speed_m_s, height_km, **look)
    panels[2].plot(one.time_s, 100.0 * np.array(one.used), **look)
