"""Tables and sentences for a terminal of a given width. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from landerctl.operations.compare.tables import ComparedTable

_GAP = "  "
_NARROWEST = 24  # columns for the last one of a table; with fewer it gets lines of its own


def rendered(tables: Sequence[ComparedTable], width: int) -> list[str]:
    """The tables one below the other. Their last column is folded to what is left."""
    found: list[str] = []
    for table in tables:
        found += [*([""] if found else []), *folded(table.title, width), *_table(table, width)]
    return found


def folded(text: str, width: int, indent: str = "") -> list[str]:
    """A text in lines of at most `width` columns, those after the first indented."""
    lines = textwrap.wrap(text, max(width, 20), subsequent_indent=indent, break_on_hyphens=False)
    return lines or [""]


def _table(table: ComparedTable, width: int) -> list[str]:
    rows = [table.head, *table.rows]
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
    before = sum(widths) + len(_GAP) * len(widths)
    room = width - before
    if room < 0:
        return _stacked(table, width)
    widest = max(len(row[-1]) for row in rows)
    lines = []
    for row in rows:
        cells = _GAP.join(cell.ljust(size) for cell, size in zip(row, widths, strict=False))
        if widest <= room or room >= _NARROWEST:
            first, *more = folded(row[-1], room)
            lines.append(f"{cells}{_GAP}{first}".rstrip())
            lines += [f"{' ' * before}{line}" for line in more]
        elif row is table.head:
            lines.append(cells.rstrip())
        else:
            indent = " " * (widths[0] + len(_GAP))
            lines.append(cells.rstrip())
            lines += textwrap.wrap(
                row[-1], max(width, 20), initial_indent=indent, subsequent_indent=indent
            )
    return lines


def _stacked(table: ComparedTable, width: int) -> list[str]:
    """A cell a line: no two columns fit beside each other."""
    indent = " " * 4
    return [
        line
        for row in table.rows
        for place, (name, cell) in enumerate(zip(table.head, row, strict=True))
        for line in textwrap.wrap(
            f"{name}: {cell}".removeprefix(": "),
            max(width, 20),
            initial_indent=indent[: 2 * (place > 0)],
            subsequent_indent=indent,
        )
    ]
