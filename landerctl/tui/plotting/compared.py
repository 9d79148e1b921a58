"""The curves of several runs in one plot: one line a run, what its parents trained muted. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from landerctl.operations.compare.comparison import Comparison
from landerctl.operations.compare.lines import Line as Curve
from landerctl.operations.compare.lines import Over, lines_of
from landerctl.operations.compare.metrics import Metric as Compared
from landerctl.tui.plotting.axis import Axis, growing_limits, log_limits, nice_limits
from landerctl.tui.plotting.branches import Branch
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.plotting.metric import Metric, compact
from landerctl.tui.plotting.picture import PERCENT_LIMITS, Line, PlotData
from landerctl.tui.plotting.smoothing import smooth


def compared_plot(
    comparison: Comparison, metric: Compared, over: Over, choice: PlotChoice
) -> PlotData | None:
    """Plot data; of `choice` its smoothing and its log. None: no run has the series."""
    # As the axis labels them: steps, or hours trained.
    scale = 1e6 if over == "steps" else 1.0
    lines = tuple(
        _line(lines_of(curves, metric.series, over), run.name, metric, scale, choice.smoothing)
        for run, curves in zip(comparison.runs, comparison.lines, strict=True)
    )
    branches = [branch for line in lines for branch in (*line.branches, *line.raw)]
    if not branches:
        return None
    values = [value for branch in branches for value in branch.values]
    end = max(branch.xs[-1] for branch in branches)
    return PlotData(
        choice=choice,
        lines=lines,
        gates=(),
        marks=(),
        x_axis=Axis(*growing_limits(0.0, end)),
        axes=(_value_axis(values, metric, choice),),
        zoomed=False,
        not_above_zero=sum(value <= 0.0 for value in values) if choice.log else 0,
    )


def _line(
    curves: Sequence[Curve], name: str, metric: Compared, scale: float, smoothing: float
) -> Line:
    branches = tuple(
        Branch(
            tuple(x * scale for x in curve.xs),
            tuple(value * metric.scale for value in curve.values),
            curve.inherited,
        )
        for curve in curves
    )
    line = Line(Metric(metric.series, name, "", metric.unit, 1.0, compact), 0, branches)
    if not smoothing:
        return line
    smoothed = tuple(
        replace(branch, values=smooth(branch.values, smoothing)) for branch in branches
    )
    return replace(line, branches=smoothed, raw=branches)


def _value_axis(values: Sequence[float], metric: Compared, choice: PlotChoice) -> Axis:
    if choice.log and (limits := log_limits(values)) is not None:
        return Axis(*limits, log=True)
    low, high = PERCENT_LIMITS if metric.unit == "%" else nice_limits(values, from_zero=False)
    return Axis(low, high)
