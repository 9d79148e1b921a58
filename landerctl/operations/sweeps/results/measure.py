"""Objectives in words: titles, units, numbers with as many digits as they deserve. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from daemon.runs.statistics.intervals import Interval
from daemon.store.catalogs.metric_catalog import NUMBER, SHARE, find_kind
from daemon.sweeps.spec.schema import Objective

_DIGITS = 3  # significant ones, of the larger number
_MOST_DECIMALS = 6
_EVALUATED = {"success": "success", "success_low": "success, lower bound"}


@dataclass(frozen=True)
class Measure:
    """An objective as it is shown. `scale`: from stored to shown values."""

    name: str  # of the values in a leg
    title: str
    unit: str  # after a value: ``%`` or `` m``
    of_difference: str  # after a difference
    scale: float
    more_is_better: bool

    def text(self, value: float) -> str:
        """``95.2%``."""
        return f"{number(value * self.scale, value * self.scale)}{self.unit}"

    def interval(self, interval: Interval) -> str:
        """``95.2% (91.0 to 99.4)``; without bounds the mean alone."""
        size = max(abs(one) for one in _known(interval)) * self.scale
        mean = f"{number(interval.mean * self.scale, size)}{self.unit}"
        # Seeds that all have the same value: an interval of no width would promise too much.
        if interval.low is None or interval.high is None or interval.low == interval.high:
            return mean
        low, high = (number(one * self.scale, size) for one in (interval.low, interval.high))
        return f"{mean} ({low} to {high})"

    def difference(self, interval: Interval) -> str:
        """``+4.2 points (95%: -0.3 to +8.7)``."""
        size = max(abs(one) for one in _known(interval)) * self.scale
        mean = f"{signed(interval.mean * self.scale, size)}{self.of_difference}"
        if interval.low is None or interval.high is None:
            return mean
        low, high = (signed(one * self.scale, size) for one in (interval.low, interval.high))
        return f"{mean} (95%: {low} to {high})"

    def amount(self, value: float) -> str:
        """A difference without its sign."""
        return f"{number(value * self.scale, value * self.scale)}{self.of_difference}"


def measure_of(objective: Objective) -> Measure:
    """How an objective is shown."""
    name = objective.metric
    more = objective.direction == "maximize"
    if objective.metric == "gate":
        return Measure(name, "last gate passed", "", "", 1.0, more)
    if objective.metric == "steps_to_gate":
        title = f"steps to gate {objective.gate}"
        return Measure(name, title, "", " steps", 1.0, more)
    kind = find_kind(objective.metric)
    title = _EVALUATED.get(objective.metric, objective.metric)
    if objective.metric in _EVALUATED or (kind is not None and kind.unit is SHARE):
        return Measure(name, title, "%", " points", 100.0, more)
    unit = "" if kind is None or kind.unit is NUMBER else f" {kind.unit.symbol}"
    return Measure(name, title, unit, unit, 1.0, more)


def number(value: float, size: float) -> str:
    """A number with three significant digits of one of the given size: ``0.952``, ``123,457``."""
    size = abs(size)
    if size == 0.0 or not math.isfinite(size):
        return f"{value + 0.0:.0f}"
    decimals = _DIGITS - 1 - math.floor(math.log10(size))
    if decimals > _MOST_DECIMALS:
        return f"{value:.{_DIGITS - 1}e}"
    return f"{round(value, max(decimals, 0)) + 0.0:,.{max(decimals, 0)}f}"


def signed(value: float, size: float) -> str:
    """As `number`, with a plus."""
    text = number(value, size)
    return text if text.startswith("-") else f"+{text}"


def settings_text(settings: Mapping[str, Any]) -> str:
    """``ppo.desired_kl=0.004, ppo.n_epochs=4``; of a setting's name, the part that is its own.

    A random search's numbers have as many digits as tell them apart: four.
    """
    last = [name.rsplit(".", 1)[-1] for name in settings]
    short = {
        name: name if last.count(end) > 1 else end for name, end in zip(settings, last, strict=True)
    }
    return ", ".join(f"{short[name]}={setting_text(value)}" for name, value in settings.items())


def setting_text(value: Any) -> str:
    """A setting's value: a number with four digits at most."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _known(interval: Interval) -> list[float]:
    return [one for one in (interval.mean, interval.low, interval.high) if one is not None]
