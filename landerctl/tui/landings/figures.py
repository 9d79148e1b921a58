"""The figures of an evaluation as lines of text, with their 95% intervals. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.content import Content

from daemon.base.text.counted import counted
from daemon.runs.evaluations import EvaluationResult
from daemon.runs.statistics.intervals import Interval
from landerctl.tui.format import shorten
from landerctl.tui.landings.records import LANDED, MARKS, Landings, mark, words

_DIM = "$foreground-muted"
SEPARATOR = " · "


def figure_lines(landings: Landings, width: int) -> list[Content]:
    """What was evaluated, how the flights ended, and the mean figures of those that landed."""
    result, fault = landings.evaluation.result, landings.fault
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(result.created_s))
    head = SEPARATOR.join(
        (
            f"stage {result.stage} {result.stage_name}",
            counted(result.episodes, "episode"),
            when,
        )
    )
    figures = [f"{name} {text}" for name, text in figures_of(result)]
    return [
        Content.assemble((shorten(result.pilot, width), "bold"), (f"  {head}", _DIM))[:width],
        ends(result)[:width],
        *(Content(line) for line in _filled(figures, width)),
        *([Content.styled(shorten(fault, width), "$text-error")] if fault else []),
    ]


def ends(result: EvaluationResult) -> Content:
    """The success rate, and the number of flights by outcome with the drawings' marks."""
    sign, style = mark(LANDED)
    parts: list[Content | str | tuple[str, str]] = [
        (f"{sign} ", style),
        (f"landed {interval(result.success_rate, share)}", "bold"),
    ]
    order = [name for name in MARKS if name != LANDED]
    for name in sorted(result.outcomes, key=lambda n: order.index(n) if n in order else -1):
        if name != LANDED and result.outcomes[name]:
            sign, style = mark(name)
            parts += ["   ", (f"{sign} ", style), f"{words(name)} {result.outcomes[name]}"]
    return Content.assemble(*parts)


def figures_of(result: EvaluationResult) -> list[tuple[str, str]]:
    """Names and texts of the figures; those of the landings only if there was one."""
    listed: list[tuple[str, Interval | None, Callable[[float], str], str]] = [
        ("miss", result.distance_m, lambda v: f"{v:.2f}", " m"),
        ("touchdown", result.touchdown_speed_m_s, lambda v: f"{v:.2f}", " m/s"),
        ("tilt", result.touchdown_tilt_deg, lambda v: f"{v:.1f}", "°"),
        ("propellant left", result.fuel_left, share, ""),
        ("soft landings", result.soft_landings, share, ""),
        ("reward", result.reward, lambda v: f"{v:,.0f}", ""),
    ]
    return [
        (name, interval(value, show) + unit)
        for name, value, show, unit in listed
        if value is not None
    ]


def interval(value: Interval, show: Callable[[float], str]) -> str:
    """An estimate and its 95% confidence interval: ``92% (85% to 96%)``."""
    if value.low is None or value.high is None:
        return show(value.mean)
    return f"{show(value.mean)} ({show(value.low)} to {show(value.high)})"


def share(fraction: float) -> str:
    """A share as a whole percentage."""
    return f"{100.0 * fraction:.0f}%"


def _filled(figures: list[str], width: int) -> list[str]:
    """The figures in as few lines as they need."""
    lines: list[str] = []
    for figure in figures:
        if lines and len(lines[-1]) + len(SEPARATOR) + len(figure) <= width:
            lines[-1] += SEPARATOR + figure
        else:
            lines.append(shorten(figure, width))
    return lines
