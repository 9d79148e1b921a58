"""Bars, sparklines and texts cut to a width. Pure; checks.wording formats numbers and units."""

from __future__ import annotations

import math
import textwrap
import time
from collections.abc import Sequence
from itertools import accumulate, pairwise, takewhile

from rich.cells import cell_len
from textual.content import Content

_SPARKS = "▁▂▃▄▅▆▇█"
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


def bar(fraction: float | None, width: int, style: str, mark: float | None = None) -> Content:
    """A bar of `width` cells, filled to `fraction` (0 to 1), with a tick at fraction `mark`.

    Filled and empty parts differ by glyph, not only by colour. None draws an empty bar.
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
    """One character per value, scaled from the smallest to the largest; show the range beside it.

    More values than cells are averaged in equal groups; NaN shows as a space.
    """
    if width < 1 or not values:
        return ""
    groups = min(width, len(values))
    edges = [index * len(values) // groups for index in range(groups + 1)]
    means: list[float] = []
    for start, end in pairwise(edges):
        finite = [value for value in values[start:end] if math.isfinite(value)]
        means.append(sum(value / len(finite) for value in finite) if finite else math.nan)
    known = [value for value in means if not math.isnan(value)]
    low, high = min(known, default=0.0), max(known, default=0.0)
    # Halves: the difference of two floats may overflow.
    half_span = high / 2.0 - low / 2.0
    return "".join(
        " "
        if math.isnan(value)
        else _SPARKS[
            min(7, int((value / 2.0 - low / 2.0) / half_span * 8.0)) if half_span > 0.0 else 3
        ]
        for value in means
    )


def spinner(time_s: float) -> str:
    """A spinner character that changes once a second."""
    return _SPINNER[int(time_s) % len(_SPINNER)]


def shorten(text: str, width: int) -> str:
    """Cut to `width` cells with an ellipsis."""
    if cell_len(text) <= width:
        return text
    return head(text, width - 1) + "…" if width > 0 else ""


def shorten_middle(text: str, width: int) -> str:
    """Cut to `width` cells, keeping both ends: ids differ at their ends."""
    if cell_len(text) <= width:
        return text
    tail = head(text[::-1], min(4, max(0, width - 2)))[::-1]
    return head(text, width - cell_len(tail) - 1) + "…" + tail


def head(text: str, width: int) -> str:
    """The longest beginning that fits into `width` cells; a character may have 0, 1 or 2."""
    if cell_len(text) <= width:
        return text
    cells = accumulate(map(cell_len, text))
    return text[: sum(1 for _ in takewhile(lambda end: end <= width, cells))]


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken between words; a longer word is broken inside."""
    if cell_len(text) == len(text):
        return textwrap.wrap(text, width)
    lines, line = [], ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if line and cell_len(joined) > width:
            lines.append(line)
            joined = word
        while cell_len(joined) > width:
            first = head(joined, width) or joined[0]
            lines.append(first)
            joined = joined[len(first) :]
        line = joined
    return [*lines, line] if line else lines


def coarse_duration(seconds: float) -> str:
    """One unit: ``45 s``, ``12 min``, ``3 h``, ``2 d``."""
    whole = max(0, int(seconds))
    for limit, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if whole >= limit:
            return f"{whole // limit} {unit}"
    return f"{whole} s"


def day_and_clock(time_s: float) -> str:
    """Unix time as local ``11-29 14:03:05``."""
    return time.strftime("%m-%d %H:%M:%S", time.localtime(time_s))


def fit(width: int, *variants: str) -> str:
    """The first variant that fits into `width` cells, else the last one shortened."""
    for variant in variants:
        if cell_len(variant) <= width:
            return variant
    return shorten(variants[-1], width)


def spread(left: Content, right: Content, width: int) -> Content:
    """`left` and `right` at the ends of `width` cells; `left` is cut if they do not fit."""
    room = max(0, width - right.cell_length - 1)
    if left.cell_length > room:
        left = left.truncate(room, ellipsis=True)
    return left + " " * max(1, width - left.cell_length - right.cell_length) + right
