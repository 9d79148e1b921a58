"""Formats numbers and times for people. Pure, and without slow imports."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from daemon.base.text.counted import counted

NOT_YET = "not yet"


def duration(seconds: float) -> str:
    """At most two units: ``45 s``, ``12 min``, ``3 h 04 min``, ``2 d 3 h``. Negative gives 0 s."""
    if not math.isfinite(seconds):
        return "unknown"
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if minutes < 60:
        return f"{minutes} min"
    if hours < 24:
        return f"{hours} h {minutes % 60:02d} min"
    return f"{days} d {hours % 24} h"


def last_episodes(window: int) -> str:
    """Which episodes a success rate or a mean reward is of: ``last 100 episodes``."""
    return f"last {counted(window, 'episode')}"


def some_of(names: Sequence[str], most: int) -> str:
    """The first names, and how many there are besides: ``a, b, c and 4 more``."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{rest}"


def clock(time_s: float) -> str:
    """Unix time as local ``14:03:05``."""
    return time.strftime("%H:%M:%S", time.localtime(time_s))


def date_and_clock(time_s: float) -> str:
    """Unix time as local ``2026-01-31 14:03:05``."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time_s))


def number(value: float | None, digits: int = 0) -> str:
    """With thousands separators; NaN and infinities by name, None as "not yet"."""
    if value is None:
        return NOT_YET
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+inf" if value > 0 else "-inf"
    return f"{round(value, digits) + 0.0:,.{digits}f}"


def short_number(value: float) -> str:
    """Three digits and a suffix: ``950``, ``21.0k``, ``1.25M``, ``12.3M``."""
    if not math.isfinite(value):
        return number(value)
    for limit, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit * 0.9995:
            scaled = value / limit
            digits = 2 if abs(scaled) < 9.995 and limit > 1e3 else 1 if abs(scaled) < 99.95 else 0
            return f"{scaled:.{digits}f}{suffix}"
    return f"{value:.0f}"


def percent(fraction: float | None) -> str:
    """A fraction as ``37%``; None as "not yet"."""
    if fraction is None:
        return NOT_YET
    return f"{fraction * 100:.0f}%" if math.isfinite(fraction) else number(fraction)


def memory_used(used_percent: float, limit_bytes: int | None) -> str:
    """A share of the memory: ``41% used``, in a container with a limit ``of 4.0 GB``."""
    of_limit = "" if limit_bytes is None else f" of {size(limit_bytes)} (container limit)"
    return f"{number(used_percent)}% used{of_limit}"


def size(size_bytes: float) -> str:
    """A size in decimal units: ``512 B``, ``4.2 MB``, ``1.3 TB``."""
    for limit, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size_bytes >= limit:
            scaled = size_bytes / limit
            return f"{scaled:.1f} {unit}" if scaled < 99.95 else f"{scaled:.0f} {unit}"
    return f"{size_bytes:.0f} B"
