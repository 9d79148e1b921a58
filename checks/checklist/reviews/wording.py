"""How a review says its figures. Pure."""

from __future__ import annotations

from collections.abc import Callable

from checks.checklist.reviews.statistics import difference, direction
from checks.wording import number
from daemon.protocol.finding import Figure, Finding
from daemon.runs.statistics.intervals import Interval

Show = Callable[[float], str]


def missing(key: str, text: str) -> Finding:
    """A figure that is not there; `text` says what would bring it."""
    return Finding(key, None, text)


def percent(share: float) -> str:
    """A share with one decimal."""
    return f"{number(share * 100.0, 1)}%"


def shown(interval: Interval, show: Show) -> str:
    """``612 (95%: 590 to 634)``."""
    if interval.low is None or interval.high is None:
        return show(interval.mean)
    return f"{show(interval.mean)} (95%: {show(interval.low)} to {show(interval.high)})"


def points(change: float) -> str:
    """A difference of two shares."""
    return f"{number(change * 100.0, 1)} points"


def compared(
    now: Interval, before: Interval, show: Show, when: str = "before"
) -> tuple[str, dict[str, Figure]]:
    """The change from `before` as text, and its figures."""
    change = difference(now, before)
    text = f"{show(before.mean)} {when}, {direction(change)}"
    if change.low is not None and change.high is not None:
        text += f": {shown(change, points if show is percent else show)}"
    return text, {
        "before_mean": before.mean,
        "change": change.mean,
        "change_low": change.low,
        "change_high": change.high,
    }


def figures(interval: Interval) -> dict[str, Figure]:
    """The figures of an interval."""
    return {"mean": interval.mean, "low": interval.low, "high": interval.high}
