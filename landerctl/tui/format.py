"""Numbers, times and bars as an operator reads them. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from textual.content import Content

NOT_YET = "not yet"
_SPARKS = "▁▂▃▄▅▆▇█"
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


def duration(seconds: float) -> str:
    """Two units at most: ``45 s``, ``12 min``, ``3 h 04 min``, ``2 d 3 h``. Negative is zero."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if minutes < 60:
        return f"{minutes} min"
    if hours < 24:
        return f"{hours} h {minutes % 60:02d} min"
    return f"{days} d {hours % 24} h"


def clock(time_s: float) -> str:
    """Unix time as local ``14:03:05``."""
    return datetime.fromtimestamp(time_s).strftime("%H:%M:%S")


def number(value: float | None, digits: int = 0) -> str:
    """With thousands separators; ``NaN`` and infinities by name."""
    if value is None:
        return NOT_YET
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+inf" if value > 0 else "-inf"
    text = f"{value:,.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text


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


def size(size_bytes: float) -> str:
    """Decimal units, as disks are sold: ``512 B``, ``4.2 MB``, ``1.3 TB``."""
    for limit, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size_bytes >= limit:
            scaled = size_bytes / limit
            return f"{scaled:.1f} {unit}" if scaled < 99.95 else f"{scaled:.0f} {unit}"
    return f"{size_bytes:.0f} B"


def bar(fraction: float | None, width: int, style: str, mark: float | None = None) -> Content:
    """A bar of `width` cells, filled to `fraction`; `mark` sets a tick at that fraction.

    Filled and empty differ by glyph, not by colour alone. None draws an empty bar.
    """
    known = fraction is not None and math.isfinite(fraction)
    filled = round(min(1.0, max(0.0, fraction or 0.0)) * width) if known else 0
    parts: list[tuple[str, str]] = [
        ("━" * filled, style),
        ("─" * (width - filled), "$foreground 30%"),
    ]
    content = Content.assemble(*parts)
    if mark is None or width < 1:
        return content
    at = min(width - 1, int(mark * width))
    return content[:at] + Content.styled("┃", "$accent bold") + content[at + 1 :]


def sparkline(values: Sequence[float], width: int) -> str:
    """One character a value, scaled from the smallest to the largest; say the range beside it.

    More values than cells are averaged in equal groups; NaN shows as a space.
    """
    if width < 1 or not values:
        return ""
    groups = min(width, len(values))
    edges = [index * len(values) // groups for index in range(groups + 1)]
    means: list[float] = []
    for start, end in pairwise(edges):
        finite = [value for value in values[start:end] if math.isfinite(value)]
        means.append(sum(finite) / len(finite) if finite else math.nan)
    known = [value for value in means if not math.isnan(value)]
    low, high = min(known, default=0.0), max(known, default=0.0)
    span = high - low
    return "".join(
        " "
        if math.isnan(value)
        else _SPARKS[min(7, int((value - low) / span * 8.0)) if span > 0.0 else 3]
        for value in means
    )


def spinner(time_s: float) -> str:
    """A sign of life that moves once a second."""
    return _SPINNER[int(time_s) % len(_SPINNER)]


def shorten(text: str, width: int) -> str:
    """Cut to `width` cells with an ellipsis."""
    if len(text) <= width:
        return text
    return text[: max(0, width - 1)] + "…" if width > 0 else ""


def shorten_middle(text: str, width: int) -> str:
    """Cut to `width` cells, keeping both ends: what tells ids apart stands at their ends."""
    if len(text) <= width:
        return text
    tail = min(4, max(0, width - 2))
    return text[: max(0, width - tail - 1)] + "…" + text[len(text) - tail :]


def coarse_duration(seconds: float) -> str:
    """One unit: ``45 s``, ``12 min``, ``3 h``, ``2 d``."""
    whole = max(0, int(seconds))
    for limit, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if whole >= limit:
            return f"{whole // limit} {unit}"
    return f"{whole} s"


def fit(width: int, *variants: str) -> str:
    """The first variant that fits into `width` cells, else the last one, shortened."""
    for variant in variants:
        if len(variant) <= width:
            return variant
    return shorten(variants[-1], width)


def spread(left: Content, right: Content, width: int) -> Content:
    """One line of `width` cells: `left` at its left, `right` at its right; `left` gives way."""
    room = max(0, width - right.cell_length - 1)
    if left.cell_length > room:
        left = left.truncate(room, ellipsis=True)
    return left + " " * max(1, width - left.cell_length - right.cell_length) + right
