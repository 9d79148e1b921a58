"""The curves of several trials in one plot, over steps, with the rungs as marks. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from daemon.runs.curves import SERIES, STAGE, SUCCESS
from daemon.sweeps.spec.schema import Objective
from landerctl.operations.compare.lines import RunLines, lines_of
from landerctl.operations.compare.metrics import metric_of
from landerctl.tui.plotting.axis import Axis, growing_limits, log_limits, nice_limits
from landerctl.tui.plotting.branches import Branch
from landerctl.tui.plotting.choice import MAX_SERIES, PlotChoice
from landerctl.tui.plotting.marks import Mark, MarkKind
from landerctl.tui.plotting.metric import Metric, compact
from landerctl.tui.plotting.picture import PERCENT_LIMITS, Line, PlotData
from landerctl.tui.plotting.smoothing import smooth
from landerctl.tui.sweeps.records import Sweep

MOST_PLOTTED = MAX_SERIES


def series_of(objective: Objective) -> str:
    """The series that is plotted first: the objective's own, else the success rate."""
    return objective.metric if objective.metric in SERIES else SUCCESS


def recorded(curves: Mapping[int, RunLines]) -> list[str]:
    """The series that any of the trials has, in the order in which they are offered."""
    names = {name for lines in curves.values() for row in lines.own.rows for name in row.values}
    return [name for name in SERIES if name in names]


def sweep_plot(sweep: Sweep, curves: Mapping[int, RunLines], choice: PlotChoice) -> PlotData | None:
    """Plot data, a line for each trial. None: none of them has recorded the series."""
    shown = metric_of(choice.series[0])
    lines = tuple(
        _line(found, f"#{number}", choice, shown.scale, shown.unit)
        for number, found in curves.items()
    )
    branches = [branch for line in lines for branch in (*line.branches, *line.raw)]
    if not branches:
        return None
    values = [value for branch in branches for value in branch.values]
    end = max(branch.xs[-1] for branch in branches)
    if choice.log and (limits := log_limits(values)) is not None:
        axis = Axis(*limits, log=True)
    elif shown.unit == "%":
        axis = Axis(*PERCENT_LIMITS)
    else:
        axis = Axis(*nice_limits(values, from_zero=shown.series == STAGE))
    return PlotData(
        choice=choice,
        lines=lines,
        gates=(),
        marks=tuple(Mark(MarkKind.RUNG, steps) for steps in rungs(sweep) if steps <= end),
        x_axis=Axis(*growing_limits(0.0, end)),
        axes=(axis,),
        zoomed=False,
        not_above_zero=sum(value <= 0.0 for value in values) if choice.log else 0,
    )


def rungs(sweep: Sweep) -> list[float]:
    """The steps at which legs of the sweep end."""
    legs = {float(leg.steps) for legs in sweep.legs.values() for leg in legs}
    targets = {float(trial.target_steps) for trial in sweep.trials.values()}
    return sorted(legs | targets)


def _line(lines: RunLines, title: str, choice: PlotChoice, scale: float, unit: str) -> Line:
    branches = tuple(
        Branch(
            tuple(x * 1e6 for x in part.xs),
            tuple(value * scale for value in part.values),
            part.inherited,
        )
        for part in lines_of(lines, choice.series[0], "steps")
    )
    metric = Metric(choice.series[0], title, "", unit, 1.0, compact)
    if not choice.smoothing:
        return Line(metric, 0, branches)
    smoothed = tuple(
        Branch(one.xs, smooth(one.values, choice.smoothing), one.abandoned) for one in branches
    )
    return Line(metric, 0, smoothed, raw=branches)
