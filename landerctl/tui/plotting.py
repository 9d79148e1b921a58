"""Converts series to plot data: branches, gates, axis limits. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from checks.wording import NOT_YET, number, percent, short_number
from daemon.protocol.trainer import Progress
from landerctl.tui.data.snapshot import Snapshot


@dataclass(frozen=True)
class Metric:
    """A plot of a series: title, unit, and the factor from stored to plotted values."""

    series: str
    title: str
    window: str  # what a value is of
    unit: str
    scale: float
    figure: Callable[[float], str]  # the newest value, for the title
    newest: Callable[[Progress], float | None] | None = None  # as other panels show it

    def label(self, value: float) -> str:
        """A tick's label on the value axis."""
        return axis_label(value) + ("%" if self.unit == "%" else "")


def _steps_per_s(value: float) -> str:
    return f"{number(value)} steps/s"


def _steps(value: float) -> str:
    return f"{number(value)} steps"


DEFAULT_WINDOW = 100  # before the training has reported its own
_EPISODES = "last {} episodes"
SUCCESS, REWARD = "episode/success_rate_100", "curriculum/reward_100"
METRICS = (
    Metric(SUCCESS, "Success rate", _EPISODES, "%", 100.0, percent, lambda p: p.success_rate),
    Metric(
        REWARD, "Mean reward", _EPISODES, "reward per episode", 1.0, number, lambda p: p.reward_mean
    ),
    Metric("time/fps", "Speed", "", "steps/s", 1.0, _steps_per_s, lambda p: p.steps_per_s),
    Metric("rollout/ep_len_mean", "Episode length", "last rollout", "steps", 1.0, _steps),
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
    )


def titles(snapshot: Snapshot, metric: Metric) -> tuple[str, str]:
    """The plot's title with the newest value and what it is of; and a shorter one."""
    progress, samples = snapshot.status.progress, snapshot.series.get(metric.series, ())
    value = samples[-1].value if samples else None
    if progress is not None and metric.newest is not None:
        value = metric.newest(progress)
    if value is None:
        return f"{metric.title} · {first_value(snapshot, metric)}", f"{metric.title} · {NOT_YET}"
    window = f", {metric.window.format(_window(snapshot))}" if metric.window else ""
    figure = metric.figure(value)
    return f"{metric.title}{window} · {figure}", f"{metric.title} · {figure}"


def first_value(snapshot: Snapshot, metric: Metric) -> str:
    """From when on there is something to plot."""
    over_episodes = metric.window == _EPISODES
    return f"after {_window(snapshot)} episodes" if over_episodes else "after the first rollout"


def _window(snapshot: Snapshot) -> int:
    progress = snapshot.status.progress
    return progress.window_episodes if progress else DEFAULT_WINDOW


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
    if progress is None or metric.series not in {SUCCESS, REWARD}:
        return ()
    success = metric.series == SUCCESS
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
