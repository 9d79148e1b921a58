"""Converts series to plot data: branches, gates, axis limits. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from checks.wording import number, percent, short_number
from landerctl.tui.data.snapshot import Snapshot


@dataclass(frozen=True)
class Metric:
    """A plot of a series: title, unit, and the factor from stored to plotted values."""

    series: str
    title: str
    unit: str
    scale: float
    figure: Callable[[float], str]  # the newest value, for the title

    def label(self, value: float) -> str:
        """A tick's label on the value axis."""
        return axis_label(value) + ("%" if self.unit == "%" else "")


METRICS = (
    Metric("rollout/success_rate", "Success rate", "%", 100.0, percent),
    Metric("rollout/ep_rew_mean", "Mean reward", "reward per episode", 1.0, number),
    Metric("time/fps", "Speed", "steps/s", 1.0, lambda v: f"{number(v)} steps/s"),
    Metric("rollout/ep_len_mean", "Episode length", "steps", 1.0, lambda v: f"{number(v)} steps"),
)
PERCENT_LIMITS = (-3.0, 103.0)  # a line at 0 or 100 % stays off the frame


@dataclass(frozen=True)
class Branch:
    """A part of the training with increasing timesteps; a rollback ends one and starts the next."""

    timesteps: tuple[float, ...]
    values: tuple[float, ...]
    abandoned: bool  # a rollback went back to before its end


@dataclass(frozen=True)
class Gate:
    """A stage's gate over the range of timesteps in which the stage was trained."""

    start: float
    end: float
    value: float


@dataclass(frozen=True)
class PlotData:
    """All data of one plot, in the metric's unit."""

    branches: tuple[Branch, ...]
    gates: tuple[Gate, ...]
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]
    newest: float | None  # as stored, not scaled


def plot_data(snapshot: Snapshot, metric: Metric) -> PlotData:
    """Plot data of `metric`, without values that are not finite."""
    samples = [s for s in snapshot.series.get(metric.series, ()) if s.timesteps is not None]
    points = [
        (float(s.timesteps), s.value * metric.scale)
        for s in samples
        if s.timesteps is not None and math.isfinite(s.value)
    ]
    branches = split_branches(points)
    end = max((branch.timesteps[-1] for branch in branches), default=0.0)
    start = min((branch.timesteps[0] for branch in branches), default=0.0)
    gates = _gates(snapshot, metric, start, end)
    values = [value for branch in branches for value in branch.values]
    values += [gate.value for gate in gates]
    return PlotData(
        branches,
        gates,
        (start, end if end > start else start + 1.0),
        PERCENT_LIMITS if metric.unit == "%" else nice_limits(values),
        samples[-1].value if samples else None,
    )


def split_branches(points: list[tuple[float, float]]) -> tuple[Branch, ...]:
    """Split where the timesteps decrease; all branches but the last are abandoned."""
    runs: list[list[tuple[float, float]]] = []
    for point in points:
        if not runs or point[0] < runs[-1][-1][0]:
            runs.append([])
        runs[-1].append(point)
    return tuple(
        Branch(tuple(x for x, _ in run), tuple(y for _, y in run), run is not runs[-1])
        for run in runs
    )


def nice_limits(values: list[float]) -> tuple[float, float]:
    """Axis limits that include all values and zero, with 5 % margin; never an empty range."""
    low, high = min([*values, 0.0]), max([*values, 0.0])
    if high == low:
        return 0.0, 1.0
    margin = (high - low) / 20.0
    return (low - margin if low < 0.0 else 0.0), (high + margin if high > 0.0 else 0.0)


def axis_label(value: float) -> str:
    """A tick's label: ``0``, ``250k``, ``1.5M``, without trailing zeros."""
    text = short_number(value)
    if text[-1] in "kMG" and "." in text:
        text = text[:-1].rstrip("0").rstrip(".") + text[-1]
    return text


def _gates(snapshot: Snapshot, metric: Metric, start: float, end: float) -> tuple[Gate, ...]:
    progress = snapshot.status.progress
    if progress is None or metric.series not in {"rollout/success_rate", "rollout/ep_rew_mean"}:
        return ()
    success = metric.series == "rollout/success_rate"
    ends: dict[int, float] = {}
    for event in snapshot.gates_passed:
        stage, at = event.body.get("stage"), event.body.get("timesteps")
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
