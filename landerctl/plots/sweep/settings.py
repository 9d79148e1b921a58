"""The objective against one setting, or seed by seed: a dot a trial, a bar a mean."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from landerctl.operations.sweeps.results.best import RankedSet
from landerctl.operations.sweeps.results.measure import Measure, setting_text
from landerctl.plots.style import BLUE, QUIET, VERMILION, panel

_MOST_TURNED = 6  # categories whose names fit side by side


def draw_setting(
    axes: Axes, sets: Sequence[RankedSet], setting: str, measure: Measure, *, log: bool
) -> None:
    """Trials of the sets that have the setting. Hollow: of sets that ended early."""
    having = [one for one in sets if setting in one.standing.settings]
    raw = [one.standing.settings[setting] for one in having]
    numeric = all(isinstance(one, int | float) and not isinstance(one, bool) for one in raw)
    texts = sorted({setting_text(one) for one in raw})
    places = raw if numeric else [texts.index(setting_text(one)) for one in raw]
    most = max(one.standing.steps for one in having)
    for x, one in sorted(zip(places, having, strict=True), key=lambda pair: pair[1].best):
        _draw_set(axes, x, one, measure, whole=one.standing.steps == most)
    if numeric and log:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(_plain)
        axes.xaxis.set_minor_formatter(
            _plain if max(places) < 10 * min(places) else NullFormatter()
        )
    if not numeric:
        turned = len(texts) > _MOST_TURNED
        axes.set_xticks(range(len(texts)), texts, rotation=90 if turned else 0)
    axes.margins(x=0.08 if numeric else 0.25)
    early = any(one.standing.steps < most for one in having)
    title = f"hollow: fewer than {most:,} steps" if early else ""
    panel(axes, title, setting, _label(measure))


def draw_seeds(axes: Axes, one: RankedSet, measure: Measure) -> None:
    """The seeds of a single set, their mean and interquartile mean with 95% intervals."""
    values = one.standing.values(measure.name)
    shown = [value * measure.scale for value in values.values()]
    axes.plot(range(len(shown)), shown, "o", color=BLUE, markersize=5)
    names = [str(seed) for seed in values]
    centres = [
        ("mean", one.standing.means.get(measure.name), VERMILION, "D"),
        ("interquartile\nmean", one.interquartile.get(measure.name), QUIET, "s"),
    ]
    for name, interval, colour, marker in centres:
        if interval is None:
            continue
        x, mean = len(names) + 0.5, interval.mean * measure.scale
        if interval.low is not None and interval.high is not None:
            ends = interval.low * measure.scale, interval.high * measure.scale
            axes.vlines(x, *ends, color=colour, linewidth=1.6)
        axes.plot([x], [mean], marker, color=colour, markersize=6)
        names.append(name)
    ticks = [place + 0.5 * (place >= len(shown)) for place in range(len(names))]
    axes.set_xticks(ticks, names)
    panel(axes, "Each seed; the means with 95% intervals", "seed", _label(measure))


def _draw_set(axes: Axes, x: float, one: RankedSet, measure: Measure, *, whole: bool) -> None:
    colour = BLUE if one.best else QUIET
    values = [value * measure.scale for value in one.standing.values(measure.name).values()]
    axes.plot(
        [x] * len(values),
        values,
        linestyle="none",
        marker="o",
        markersize=5.5 if one.best else 4.5,
        markerfacecolor=colour if whole else "white",
        markeredgecolor=colour,
    )
    if len(values) > 1:
        axes.plot([x], [sum(values) / len(values)], "_", color=colour, markersize=16, mew=2.0)


@FuncFormatter
def _plain(value: float, _place: float) -> str:
    return f"{value:g}"


def _label(measure: Measure) -> str:
    return f"{measure.title} ({measure.unit.strip()})" if measure.unit else measure.title
