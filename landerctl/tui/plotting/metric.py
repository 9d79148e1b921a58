"""Series as plots name them: title, unit, and the factor from stored to plotted values."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from checks.wording import NOT_YET, number, percent, short_number
from daemon.base.text.one_line import one_line
from daemon.protocol.trainer import Progress
from daemon.store.catalogs.metric_catalog import NUMBER, SHARE, find_kind
from landerctl.tui.data.snapshot import Snapshot


@dataclass(frozen=True)
class Metric:
    """A series in a plot."""

    series: str
    title: str
    window: str  # what a value is of
    unit: str
    scale: float
    figure: Callable[[float], str]  # the newest value, for the title
    newest: Callable[[Progress], float | None] | None = None  # as other panels show it
    from_zero: bool = True  # the axis includes zero
    share: bool = False  # stored as 0 to 1


def _steps_per_s(value: float) -> str:
    return f"{number(value)} steps/s"


def _steps(value: float) -> str:
    return f"{number(value)} steps"


DEFAULT_WINDOW = 100  # before the training has reported its own
_EPISODES = "last {} episodes"
SUCCESS, REWARD = "episode/success_rate_100", "curriculum/reward_100"
METRICS = (
    Metric(
        SUCCESS,
        "Success rate",
        _EPISODES,
        "%",
        100.0,
        percent,
        lambda p: p.success_rate,
        share=True,
    ),
    Metric(
        REWARD, "Mean reward", _EPISODES, "reward per episode", 1.0, number, lambda p: p.reward_mean
    ),
    Metric("time/fps", "Speed", "", "steps/s", 1.0, _steps_per_s, lambda p: p.steps_per_s),
    Metric("rollout/ep_len_mean", "Episode length", "last rollout", "steps", 1.0, _steps),
)
_TITLED = {metric.series: metric for metric in METRICS}


def metric_of(series: str) -> Metric:
    """One of METRICS, else a metric named as the series, with the catalogue's unit."""
    if series in _TITLED:
        return _TITLED[series]
    kind = find_kind(series)
    unit, title = NUMBER if kind is None else kind.unit, one_line(series)
    if unit is SHARE:
        return Metric(series, title, "", "%", 100.0, percent, from_zero=False, share=True)
    symbol = "" if unit is NUMBER else unit.symbol

    def figure(value: float) -> str:
        return f"{compact(value)}{'' if symbol in ('', '%') else ' '}{symbol}"

    return Metric(series, title, "", symbol, 1.0, figure, from_zero=False)


def compact(value: float) -> str:
    """At most three digits: ``0.00031``, ``12.5``, ``950``, ``1.25M``."""
    if not math.isfinite(value) or abs(value) >= 999.5:
        return short_number(value)
    return f"{value + 0.0:.3g}"


def newest_value(snapshot: Snapshot, metric: Metric) -> float | None:
    """The newest value as stored, the same one as in other panels; None if there is none."""
    progress, samples = snapshot.status.progress, snapshot.series.get(metric.series, ())
    if progress is not None and metric.newest is not None:
        return metric.newest(progress)
    return samples[-1].value if samples else None


def titles(snapshot: Snapshot, metric: Metric) -> tuple[str, str]:
    """The plot's title with the newest value and what it is of; and a shorter one."""
    value = newest_value(snapshot, metric)
    if value is None:
        return f"{metric.title} · {first_value(snapshot, metric)}", f"{metric.title} · {NOT_YET}"
    window = f", {metric.window.format(_window(snapshot))}" if metric.window else ""
    figure = metric.figure(value)
    return f"{metric.title}{window} · {figure}", f"{metric.title} · {figure}"


def first_value(snapshot: Snapshot, metric: Metric) -> str:
    """From when on there is something to plot."""
    if metric.window == _EPISODES:
        return f"after {_window(snapshot)} episodes"
    return "after the first rollout" if metric.series in _TITLED else NOT_YET


def _window(snapshot: Snapshot) -> int:
    progress = snapshot.status.progress
    return progress.window_episodes if progress else DEFAULT_WINDOW
