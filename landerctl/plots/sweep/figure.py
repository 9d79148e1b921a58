"""A sweep in one figure: curves of its best sets, the objective by setting, trials at rungs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from daemon.base.text.counted import counted
from daemon.sweeps.records import Leg
from daemon.sweeps.spec.schema import SweepSpec
from landerctl.operations.compare.metrics import Metric
from landerctl.operations.sweeps.results.best import RankedSet
from landerctl.operations.sweeps.results.comparison import SweepComparison
from landerctl.operations.sweeps.results.curves import TrialCurve
from landerctl.operations.sweeps.results.measure import Measure, measure_of, settings_text
from landerctl.plots.style import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    QUIET,
    VERMILION,
    Format,
    new_figure,
    panel,
    save_figure,
    styled,
)
from landerctl.plots.sweep.bands import band
from landerctl.plots.sweep.settings import draw_seeds, draw_setting

# By colour, by marker, and by the number at the line's end.
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, INK)
MARKERS = ("o", "s", "^", "D", "v", "X")
MOST_DRAWN = len(COLOURS)  # sets with curves
MOST_SETTINGS = 9
_A_ROW = 3  # panels
_MARKED = 9  # points of a line
_MOST_LABEL = 60  # characters


@dataclass(frozen=True)
class SweepPicture:
    """What is drawn. `curves`: by group, of the best ones, a curve a trial."""

    name: str
    spec: SweepSpec
    comparison: SweepComparison
    legs: Sequence[Leg]
    metric: Metric
    curves: Mapping[int, Sequence[TrialCurve]]


def save_sweep(of: SweepPicture, path: Path, kind: Format) -> None:
    """Draw and write the file. Raises OSError."""
    with styled():
        save_figure(sweep_figure(of), path, kind)


def sweep_figure(of: SweepPicture) -> Figure:
    """The figure. Call within `styled`."""
    spec, comparison, legs = of.spec, of.comparison, of.legs
    measure = measure_of(spec.objectives[0])
    drawn = [one for one in comparison.sets[:MOST_DRAWN] if one.standing.group in of.curves]
    settings = list(dict.fromkeys(key for one in comparison.sets for key in one.standing.settings))
    panels = settings[:MOST_SETTINGS] or ["seeds"][: len(comparison.sets)]
    rows = [panels[at : at + _A_ROW] for at in range(0, len(panels), _A_ROW)]
    rungs = _has_rungs(comparison, legs)
    heights = [4.0 + 0.12 * len(drawn), *(3.0 for _ in rows), *([3.2] if rungs else [])]
    figure = new_figure(9.6, 0.9 + sum(heights), f"Sweep {of.name}", _subtitle(comparison, measure))
    grid = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    _draw_curves(figure.add_subplot(grid[0]), drawn, of)
    log = {one.setting for one in spec.parameters if one.kind == "log-uniform"}
    for row, names in enumerate(rows, 1):
        cells = grid[row].subgridspec(1, len(names))
        for column, key in enumerate(names):
            axes = figure.add_subplot(cells[column])
            if settings:
                draw_setting(axes, comparison.sets, key, measure, log=key in log)
            else:
                draw_seeds(axes, comparison.sets[0], measure)
            if column:  # said by the first
                axes.set_ylabel("")
                axes.set_title("")
    if rungs:
        _draw_rungs(figure.add_subplot(grid[-1]), comparison, legs, measure)
    return figure


def _subtitle(comparison: SweepComparison, measure: Measure) -> str:
    word, _ = comparison.verdict()
    trials = counted(sum(comparison.states.values()), "trial")
    sets = counted(len(comparison.sets), "set of values", "sets of values")
    way = "more" if measure.more_is_better else "less"
    return f"{sets}, {trials}; {measure.title}, {way} is better. {word}."


def _draw_curves(axes: Axes, drawn: Sequence[RankedSet], of: SweepPicture) -> None:
    metric = of.metric
    handles = []
    for colour, marker, one in zip(COLOURS, MARKERS, drawn, strict=False):
        group = one.standing.group
        found = band(of.curves[group])
        if found is None:
            continue
        steps, mean = found.steps / 1e6, found.mean * metric.scale
        low, high = found.low * metric.scale, found.high * metric.scale
        axes.fill_between(steps, low, high, color=colour, alpha=0.18, linewidth=0)
        if len(drawn) == 1:
            for curve in of.curves[group]:
                xs = [point.timesteps / 1e6 for point in curve.points]
                values = [point.value * metric.scale for point in curve.points]
                axes.plot(xs, values, color=QUIET, linewidth=0.6)
        label = f"set {group}: {settings_text(one.standing.settings) or 'the base configuration'}"
        if len(label) > _MOST_LABEL:
            label = f"{label[:_MOST_LABEL]}…"
        (line,) = axes.plot(
            steps,
            mean,
            color=colour,
            marker=marker,
            markersize=4.5,
            markevery=max(1, len(steps) // _MARKED),
            linewidth=1.6,
            label=label,
        )
        axes.annotate(
            str(group),
            (steps[-1], mean[-1]),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontweight="bold",
            annotation_clip=False,
        )
        handles.append(line)
    if metric.unit == "%":
        axes.set_ylim(-4.0, 104.0)
    axes.set_xlim(left=0.0)
    seeds = any(len(curve) > 1 for curve in of.curves.values())
    title = f"{metric.title}, best sets" if len(drawn) > 1 else metric.title
    if seeds:
        title += ": mean of the seeds, and their middle half"
    panel(axes, title, "environment steps (millions)", metric.unit)
    if handles:
        axes.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(0.0, -0.12), ncols=2, fontsize=8.5
        )
    else:
        _say(axes, "no trial's curve is on this machine")


def _has_rungs(comparison: SweepComparison, legs: Sequence[Leg]) -> bool:
    return bool(comparison.sets) and len({leg.steps for leg in legs}) > 1


def _draw_rungs(
    axes: Axes, comparison: SweepComparison, legs: Sequence[Leg], measure: Measure
) -> None:
    """Each trial's values at the ends of its legs; the best set's are blue."""
    best = {result.trial for one in comparison.sets if one.best for result in one.standing.results}
    reached: dict[int, list[tuple[float, float]]] = {}
    for leg in sorted(legs, key=lambda one: one.steps):
        if measure.name in leg.values:
            point = leg.steps / 1e6, leg.values[measure.name] * measure.scale
            reached.setdefault(leg.trial, []).append(point)
    for trial, points in sorted(reached.items(), key=lambda one: one[0] in best):
        among = trial in best
        axes.plot(
            *zip(*points, strict=True),
            color=BLUE if among else FAINT,
            marker="o",
            markersize=4.5 if among else 3.5,
            markerfacecolor=BLUE if among else "white",
            markeredgecolor=BLUE if among else QUIET,
            linewidth=1.6 if among else 0.9,
            zorder=3 if among else 2,
        )
    axes.set_xlim(left=0.0)
    axes.set_xticks(sorted({leg.steps / 1e6 for leg in legs}))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    panel(
        axes,
        f"{_upper(measure.title)} of each trial at the end of each leg",
        "environment steps (millions)",
        measure.unit.strip(),
    )
    if reached.keys() - best:
        handles = [
            Line2D([], [], color=BLUE, marker="o", markersize=4.5),
            Line2D([], [], color=FAINT, marker="o", markerfacecolor="white", markeredgecolor=QUIET),
        ]
        axes.legend(handles, ["best", "others"], loc="best", ncols=2, fontsize=8.5)


def _say(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, color=QUIET)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
