"""A comparison of runs as lines: what follows from the evaluations, then the tables. Pure."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from landerctl.operations.compare.comparison import Comparison
from landerctl.operations.compare.tables import ComparedTable, tables
from landerctl.operations.compare.wording import lacking, remarks, verdict
from landerctl.tui.format import wrap

_GAP = 2
_FEWEST_CELLS = 7  # of a column


def compared_lines(comparison: Comparison, width: int) -> list[Content]:
    """All lines, each at most `width` cells."""
    word, sentence = verdict(comparison)
    first, *rest = wrap(f"{word}. {sentence}", width) or [""]
    lines = [Content.styled(line, "bold") for line in (first, *rest)]
    for text in lacking(comparison):
        lines += [Content(line) for line in wrap(text, width)]
    for table in tables(comparison):
        title = [Content.styled(line, "bold $secondary") for line in wrap(table.title, width)]
        lines += [Content(), *title]
        lines += table_lines(table, width)
    for text in (*remarks(comparison), *comparison.notes):
        lines.append(Content())
        lines += [Content.styled(line, "$foreground-muted") for line in wrap(text, width)]
    return lines


def table_lines(table: ComparedTable, width: int) -> list[Content]:
    """A table's lines: cells that are too long continue below themselves."""
    rows = [table.head, *table.rows]
    widths = fitted([max(map(cell_len, column)) for column in zip(*rows, strict=True)], width)
    lines = []
    for number, row in enumerate(rows):
        cells = [wrap(text, cells) or [""] for text, cells in zip(row, widths, strict=True)]
        for line in range(max(map(len, cells))):
            parts = [
                _padded(cell[line] if line < len(cell) else "", room)
                for cell, room in zip(cells, widths, strict=True)
            ]
            text = (" " * _GAP).join(parts).rstrip()
            lines.append(Content.styled(text, "$foreground-muted" if number == 0 else ""))
    return lines


def fitted(wanted: list[int], width: int) -> list[int]:
    """The columns' widths, the widest narrowed until they fit into `width` cells."""
    widths = list(wanted)
    room = width - _GAP * (len(widths) - 1)
    while sum(widths) > room and max(widths) > _FEWEST_CELLS:
        widths[widths.index(max(widths))] -= 1
    return widths


def _padded(text: str, width: int) -> str:
    return text + " " * max(0, width - cell_len(text))
