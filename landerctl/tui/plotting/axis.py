"""Axes: their limits, their ticks, the ticks' labels."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from checks.wording import short_number

_TIME_STEPS_S = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
    172800, 604800, 1209600, 2592000, 7776000, 31536000
)  # fmt: skip
_DAY_S = 86400


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    label: str


@dataclass(frozen=True)
class Axis:
    """A range of values, linear or logarithmic (then above zero); `low` is below `high`."""

    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float | None:
        """Where a value is: 0 at `low`, 1 at `high`; None: not on a logarithmic axis."""
        if not self.log:
            return (value - self.low) / (self.high - self.low)
        if value <= 0.0:
            return None
        return math.log(value / self.low) / math.log(self.high / self.low)


def nice_limits(values: Sequence[float], *, from_zero: bool = True) -> tuple[float, float]:
    """Limits that include all values with some margin; never an empty range.

    They are multiples of a sixteenth to an eighth of the range, so that they seldom move. Zero is
    included with `from_zero`, and where the range without it would be most of the values' size.
    """
    low, high = min(values, default=0.0), max(values, default=0.0)
    if from_zero or high - low > max(abs(low), abs(high)) / 4.0:
        low, high = min(low, 0.0), max(high, 0.0)
    if high == low:
        if low == 0.0:
            return 0.0, 1.0
        half = abs(low) / 10.0
        return low - half, low + half
    quantum = 2.0 ** math.floor(math.log2(high - low)) / 16.0
    margin = (high - low) / 50.0
    nice_low = 0.0 if low == 0.0 else math.floor((low - margin) / quantum) * quantum
    nice_high = 0.0 if high == 0.0 else math.ceil((high + margin) / quantum) * quantum
    return min(nice_low, low), max(nice_high, high)


def log_limits(values: Sequence[float]) -> tuple[float, float] | None:
    """Limits of a logarithmic axis for the values above zero; None if there is none."""
    above = [value for value in values if value > 0.0]
    if not above:
        return None
    low, high = math.log10(min(above)), math.log10(max(above))
    # Tenths of a decade, and at least half of one.
    low, high = math.floor(low * 10.0 - 0.3) / 10.0, math.ceil(high * 10.0 + 0.3) / 10.0
    if high - low < 0.5:
        low, high = low - 0.25, high + 0.25
    return 10.0**low, 10.0**high


def growing_limits(start: float, end: float) -> tuple[float, float]:
    """Limits of an axis whose data grow at its end: they move in steps of about a hundredth."""
    if end <= start:
        return start, start + 1.0
    quantum = 2.0 ** math.floor(math.log2(end - start)) / 64.0
    return start, max(end, start + math.ceil((end - start) / quantum) * quantum)


def axis_label(value: float) -> str:
    """A tick's label: ``0``, ``250k``, ``1.5M``, without trailing zeros."""
    text = short_number(value)
    if text[-1] in "kMG" and "." in text:
        text = text[:-1].rstrip("0").rstrip(".") + text[-1]
    return text


def value_ticks(axis: Axis, most: int, unit: str = "") -> tuple[Tick, ...]:
    """At most `most` (2 or more) ticks of an axis of values or timesteps; `unit` is only ``%``."""
    found = _log_ticks(axis, most) if axis.log else _linear_ticks(axis.low, axis.high, most)
    step = min((b - a for a, b in pairwise(found)), default=axis.high - axis.low)
    suffix = unit if unit == "%" else ""
    return tuple(Tick(at, _label(at, at if axis.log else step) + suffix) for at in found)


def time_ticks(axis: Axis, most: int) -> tuple[Tick, ...]:
    """At most `most` ticks of an axis of Unix times, at round local times.

    Labels are hours and minutes, with seconds where the ticks need them, and the day at midnight.
    """
    span_s = axis.high - axis.low
    step_s = next((s for s in _TIME_STEPS_S if span_s / s < most), _TIME_STEPS_S[-1])
    offset_s = time.localtime(axis.low).tm_gmtoff
    first = math.ceil((axis.low + offset_s) / step_s) * step_s - offset_s
    count = math.floor((axis.high - first) / step_s) + 1
    return tuple(
        Tick(at, _time_label(at, step_s)) for at in (first + i * step_s for i in range(count))
    )


def _time_label(at: float, step_s: int) -> str:
    local = time.localtime(at)
    if step_s < 60:
        return time.strftime("%H:%M:%S", local)
    midnight = local.tm_hour == local.tm_min == 0
    return time.strftime("%d %b" if midnight or step_s >= _DAY_S else "%H:%M", local)


def _linear_ticks(low: float, high: float, most: int) -> list[float]:
    """The multiples of the least of 1, 2, 2.5 and 5 times a power of ten that are few enough."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    for factor in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0):
        step = factor * power
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            break
    return [number * step for number in range(first, last + 1)]


def _log_ticks(axis: Axis, most: int) -> list[float]:
    low, high = math.log10(axis.low), math.log10(axis.high)
    decades = list(range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1))
    if len(decades) >= 2:
        every = -(-len(decades) // most)
        return [10.0**decade for decade in decades if decade % every == 0]
    found = [
        digit * 10.0**decade
        for decade in range(math.floor(low), math.ceil(high) + 1)
        for digit in (1.0, 2.0, 5.0)
    ]
    return [at for at in found if axis.low <= at <= axis.high][:most]


def _label(at: float, step: float) -> str:
    if abs(at) >= 1000.0:
        return axis_label(at)
    if at != 0.0 and abs(step) < 1e-4:
        return f"{at:.3g}"
    digits = max(0, -math.floor(math.log10(abs(step)) + 1e-9)) if step else 0
    text = f"{at + 0.0:.{digits + 1}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
