"""The curves of a comparison, drawn for a terminal as the screen draws its plots."""

from __future__ import annotations

from rich.text import Text

from landerctl.operations.compare.comparison import Comparison
from landerctl.operations.compare.lines import Line, Over, lines_of
from landerctl.operations.compare.metrics import Metric
from landerctl.tui.plotting.axis import Axis, growing_limits, nice_limits
from landerctl.tui.plotting.branches import Branch
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.plotting.drawing import draw
from landerctl.tui.plotting.legend import LINE_STYLES
from landerctl.tui.plotting.metric import Metric as PlottedMetric
from landerctl.tui.plotting.metric import compact
from landerctl.tui.plotting.picture import PERCENT_LIMITS, PlotData
from landerctl.tui.plotting.picture import Line as PlottedLine

HEIGHT = 15
# Lines differ by their dashes and letters too.
_COLOURS = ("cyan", "yellow", "green", "red", "magenta", "bold")
_STYLES = dict(zip(LINE_STYLES, _COLOURS, strict=True)) | {"muted": "dim", "tick": "dim"}


def curve_plot(comparison: Comparison, metric: Metric, over: Over, width: int) -> list[Text]:
    """The lines of a plot of all runs; none if no run has the series."""
    runs = [lines_of(run, metric.series, over) for run in comparison.lines]
    if not any(runs):
        return []
    data = _plot_data(comparison, metric, runs, over)
    rows, _ = draw(data, width, HEIGHT)
    return [Text.assemble(*((text, _STYLES.get(style, "")) for text, style in row)) for row in rows]


def heading(metric: Metric, over: Over) -> str:
    """What a plot shows."""
    unit = f" ({metric.unit})" if metric.unit else ""
    return f"{metric.title}{unit} over {'steps' if over == 'steps' else 'hours trained'}"


def _plot_data(
    comparison: Comparison, metric: Metric, runs: list[list[Line]], over: Over
) -> PlotData:
    x_scale = 1e6 if over == "steps" else 1.0
    plotted = tuple(
        PlottedLine(
            _metric(metric, run.name), 0, tuple(_branch(one, metric, x_scale) for one in lines)
        )
        for run, lines in zip(comparison.runs, runs, strict=True)
    )
    branches = [branch for line in plotted for branch in line.branches]
    values = [value for branch in branches for value in branch.values]
    low, high = PERCENT_LIMITS if metric.unit == "%" else nice_limits(values, from_zero=False)
    first = min(branch.xs[0] for branch in branches)
    last = max(branch.xs[-1] for branch in branches)
    return PlotData(
        choice=PlotChoice(series=(metric.series,)),
        lines=plotted,
        gates=(),
        marks=(),
        x_axis=Axis(*growing_limits(min(first, 0.0), last)),
        axes=(Axis(low, high),),
        zoomed=False,
        not_above_zero=0,
    )


def _metric(metric: Metric, name: str) -> PlottedMetric:
    return PlottedMetric(metric.series, name, "", metric.unit, 1.0, compact)


def _branch(line: Line, metric: Metric, x_scale: float) -> Branch:
    """A parents' part is muted, as what a rollback abandoned."""
    return Branch(
        tuple(x * x_scale for x in line.xs),
        tuple(value * metric.scale for value in line.values),
        line.inherited,
    )
