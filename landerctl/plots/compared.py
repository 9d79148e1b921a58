"""The curves of several runs in one figure: a row a metric, over steps and over hours trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from landerctl.operations.compare.comparison import ComparedRun, Comparison
from landerctl.operations.compare.lines import Line, Over, lines_of, place
from landerctl.operations.compare.metrics import Metric
from landerctl.operations.compare.wording import LETTERS, labels
from landerctl.plots.style import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    VERMILION,
    Format,
    legend,
    new_figure,
    panel,
    save_figure,
    styled,
)

# By colour, by marker, and by the letter at the line's end.
_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, INK)
_MARKERS = ("o", "s", "^", "D", "v", "X")
_MARKED = 9  # points of a line
_AXES: dict[Over, str] = {"steps": "environment steps (millions)", "hours": "hours trained"}


def save_curves(
    comparison: Comparison,
    metrics: Sequence[Metric],
    over: Sequence[Over],
    path: Path,
    kind: Format,
) -> None:
    """Draw and write the file. Raises OSError."""
    with styled():
        save_figure(curves(comparison, metrics, over), path, kind)


def curves(comparison: Comparison, metrics: Sequence[Metric], over: Sequence[Over]) -> Figure:
    """The figure. Call within `styled`."""
    width_in = 5.4 * len(over) if len(over) > 1 else 8.4
    named = labels(comparison)
    figure = new_figure(
        width_in,
        1.1 + 2.6 * len(metrics),
        "Runs compared",
        _identities(comparison.runs),
    )
    panels = figure.subplots(len(metrics), len(over), squeeze=False, sharex="col", sharey="row")
    for number, (row, metric) in enumerate(zip(panels, metrics, strict=True), 1):
        for column, (axes, along) in enumerate(zip(row, over, strict=True)):
            _draw(axes, comparison, metric, along)
            panel(
                axes,
                metric.title if column == 0 else "",
                _AXES[along] if number == len(metrics) else "",
                metric.unit if column == 0 else "",
            )
    handles = [
        Line2D([], [], color=colour, marker=marker, markersize=5)
        for colour, marker in zip(_COLOURS, _MARKERS, strict=True)
    ][: len(named)]
    if any(run.inherited.rows for run in comparison.lines):
        handles.append(Line2D([], [], color=INK, linestyle=(0, (4, 2)), linewidth=1.0))
        named = [*named, "before the fork"]
    if any(run.own.gates or run.inherited.gates for run in comparison.lines):
        handles.append(_gate_mark(INK))
        named = [*named, "gate passed"]
    legend(figure, handles, named)
    return figure


def _draw(axes: Axes, comparison: Comparison, metric: Metric, over: Over) -> None:
    for index, run in enumerate(comparison.lines):
        lines = lines_of(run, metric.series, over)
        for line in lines:
            _draw_line(axes, line, metric, index)
        if lines:
            _label_end(axes, lines[-1], metric, index)
        _mark_gates(axes, comparison, metric, over, index)
    if metric.unit == "%":
        axes.set_ylim(-4.0, 104.0)
    axes.set_xlim(left=0.0)
    axes.margins(x=0.04)


def _draw_line(axes: Axes, line: Line, metric: Metric, index: int) -> None:
    values = np.array(line.values) * metric.scale
    if line.inherited:
        axes.plot(line.xs, values, color=_COLOURS[index], linestyle=(0, (4, 2)), linewidth=1.0)
        return
    every = max(1, len(line.xs) // _MARKED)
    axes.plot(
        line.xs,
        values,
        color=_COLOURS[index],
        marker=_MARKERS[index],
        markersize=4.5,
        # Lines of different runs do not have their markers at one place.
        markevery=(index * every // len(_MARKERS), every),
        linewidth=1.5,
    )


def _label_end(axes: Axes, line: Line, metric: Metric, index: int) -> None:
    axes.annotate(
        LETTERS[index],
        (line.xs[-1], line.values[-1] * metric.scale),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        color=_COLOURS[index],
        fontweight="bold",
        annotation_clip=False,
    )


def _mark_gates(axes: Axes, comparison: Comparison, metric: Metric, over: Over, index: int) -> None:
    run = comparison.lines[index]
    points = [*run.inherited.points(metric.series), *run.own.points(metric.series)]
    if not points:
        return
    xs, values = [place(point, over) for point in points], [point.value for point in points]
    for gate in (*run.inherited.gates, *run.own.gates):
        at = gate.timesteps / 1e6 if over == "steps" else gate.trained_s / 3600.0
        mark = _gate_mark(_COLOURS[index])
        mark.set_data([at], [float(np.interp(at, xs, values)) * metric.scale])
        axes.add_line(mark)


def _gate_mark(colour: str) -> Line2D:
    return Line2D(
        [],
        [],
        linestyle="none",
        marker="*",
        markersize=11,
        markerfacecolor="white",
        markeredgecolor=colour,
        markeredgewidth=1.2,
        zorder=6,
    )


def _identities(runs: Sequence[ComparedRun]) -> str:
    """Names and ids, two a line: more would not fit."""
    texts = [f"{run.name} ({run.id})" for run in runs]
    return "\n".join(" · ".join(texts[at : at + 2]) for at in range(0, len(texts), 2))
