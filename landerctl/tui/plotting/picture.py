"""Converts series to plot data: lines, gates, marks, axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from daemon.store.records import Sample
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.plotting.axis import Axis, growing_limits, log_limits, nice_limits
from landerctl.tui.plotting.branches import Branch, StepClock, branches_of
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.plotting.marks import Mark, marks_of
from landerctl.tui.plotting.metric import REWARD, SUCCESS, Metric, metric_of
from landerctl.tui.plotting.smoothing import smooth

PERCENT_LIMITS = (-3.0, 103.0)  # a line at 0 or 100 % stays off the frame
STEPS_CLOCK = "time/fps"  # the series that relates times to timesteps
View = tuple[float, float]  # the zoomed part of the horizontal axis
Samples = Mapping[str, Sequence[Sample]]


@dataclass(frozen=True)
class Gate:
    """A stage's gate over the part of the horizontal axis in which the stage was trained."""

    start: float
    end: float
    value: float


@dataclass(frozen=True)
class Line:
    """One series, in its metric's unit; `raw`: before smoothing, empty without."""

    metric: Metric
    axis: int  # of PlotData.axes
    branches: tuple[Branch, ...]
    raw: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class PlotData:
    """All data of one plot."""

    choice: PlotChoice
    lines: tuple[Line, ...]
    gates: tuple[Gate, ...]
    marks: tuple[Mark, ...]
    x_axis: Axis
    axes: tuple[Axis, ...]  # one; two of different units, left and right; or one for each line
    zoomed: bool
    not_above_zero: int  # values that a logarithmic axis does not have

    @property
    def normalised(self) -> bool:
        """Whether every line has a scale of its own, without labels."""
        return len({line.metric.unit for line in self.lines}) > 2


def plot_data(
    snapshot: Snapshot, choice: PlotChoice, view: View | None = None, finer: Samples | None = None
) -> PlotData:
    """Plot data of the chosen series; with `view` of that part, by the `finer` samples of it."""
    clock = StepClock(snapshot.series.get(STEPS_CLOCK, ()))
    metrics = [metric_of(name) for name in choice.series]
    units = list(dict.fromkeys(metric.unit for metric in metrics))
    lines = []
    for index, metric in enumerate(metrics):
        samples = (finer or {}).get(metric.series) or snapshot.series.get(metric.series, ())
        branches = branches_of(samples, metric.scale, clock, by_time=choice.by_time)
        axis = index if len(units) > 2 else units.index(metric.unit)
        line = Line(metric, axis, branches)
        lines.append(_smoothed(line, choice.smoothing) if choice.smoothing else line)
    start, end = view or _extent(lines)
    gates = _gates(snapshot, choice, *_extent(lines)) if len(lines) == 1 else ()
    count = len(lines) if len(units) > 2 else len(units)
    axes = tuple(
        _value_axis([line for line in lines if line.axis == number], gates, choice, view)
        for number in range(count)
    )
    low_x, high_x = view or growing_limits(start, end)
    hidden = 0
    if choice.log:
        hidden = sum(y <= 0.0 for line in lines for b in line.branches for y in b.values)
    marks = marks_of(
        snapshot.marks, snapshot.restorables, clock, which=choice.marks, by_time=choice.by_time
    )
    return PlotData(
        choice,
        tuple(lines),
        gates,
        tuple(mark for mark in marks if low_x <= mark.x <= high_x),
        Axis(low_x, high_x),
        axes,
        view is not None,
        hidden,
    )


def time_window(snapshot: Snapshot, choice: PlotChoice, view: View) -> tuple[float, float] | None:
    """The times (Unix, s) whose samples a zoomed part needs; None if it has none.

    It begins one width earlier, so that smoothing has settled where the view begins.
    """
    low, high = view
    if not choice.by_time:
        clock = StepClock(snapshot.series.get(STEPS_CLOCK, ()))
        times = clock.times_between(low, high)
        if times is None:
            return None
        low, high = times
    return low - (high - low), high + (high - low) / 20.0


def _extent(lines: Sequence[Line]) -> tuple[float, float]:
    """The first and the last place that any line has; lines begin where the first one does."""
    branches = [branch for line in lines for branch in line.branches]
    end = max((branch.xs[-1] for branch in branches), default=0.0)
    return min((branch.xs[0] for branch in branches), default=0.0), end


def _smoothed(line: Line, weight: float) -> Line:
    """Each branch smoothed by itself: after a rollback the average starts again."""
    branches = tuple(
        replace(branch, values=smooth(branch.values, weight)) for branch in line.branches
    )
    return replace(line, branches=branches, raw=line.branches)


def _value_axis(
    lines: Sequence[Line], gates: Sequence[Gate], choice: PlotChoice, view: View | None
) -> Axis:
    values = [
        y
        for line in lines
        for branch in (*line.branches, *line.raw)
        for x, y in zip(branch.xs, branch.values, strict=True)
        if view is None or view[0] <= x <= view[1]
    ]
    values += [gate.value for gate in gates if view is None or gate.end > view[0]]
    if choice.log and (limits := log_limits(values)) is not None:
        return Axis(*limits, log=True)
    if view is None and all(line.metric.share for line in lines):
        return Axis(*PERCENT_LIMITS)
    from_zero = view is None and any(line.metric.from_zero for line in lines)
    return Axis(*nice_limits(values, from_zero=from_zero))


def _gates(snapshot: Snapshot, choice: PlotChoice, start: float, end: float) -> tuple[Gate, ...]:
    progress, metric = snapshot.status.progress, metric_of(choice.series[0])
    if progress is None or metric.series not in {SUCCESS, REWARD}:
        return ()
    success = metric.series == SUCCESS
    ends: dict[int, float] = {}
    for event in snapshot.gates_passed:
        stage = event.body.get("stage")
        at = event.time_s if choice.by_time else event.body.get("timesteps")
        if isinstance(stage, int) and isinstance(at, int | float) and stage < progress.stage:
            ends[stage] = float(at)
    gates = []
    for index, passed in enumerate(snapshot.stages[: progress.stage - 1], start=1):
        if index in ends and ends[index] > start:
            value = passed.gate_success_rate if success else passed.gate_mean_reward
            gates.append(Gate(start, min(ends[index], end), value * metric.scale))
            start = min(ends[index], end)
    value = progress.gate_success_rate if success else progress.gate_mean_reward
    return (*gates, Gate(start, max(end, start), value * metric.scale))
