"""Dots on a character grid: Braille cells of 2 x 4 dots, one style per cell, text on top. Pure."""

from __future__ import annotations

from itertools import groupby

from rich.text import Text

DOTS_X, DOTS_Y = 2, 4  # of a cell
_BLANK = 0x2800
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # Unicode 15, Braille Patterns


class Canvas:
    """`columns` x `rows` cells. Dot (0, 0) is at the upper left; dots outside are ignored.

    A cell's style is that of its dot with the highest layer. `on_top`: other layers' dots are not
    shown in that cell.
    """

    def __init__(self, columns: int, rows: int, *, on_top: bool = False) -> None:
        self._on_top = on_top
        self.columns, self.rows = columns, rows
        self.width, self.height = columns * DOTS_X, rows * DOTS_Y
        self._bits = [[0] * columns for _ in range(rows)]
        self._ink = [[(-1, "")] * columns for _ in range(rows)]
        self._letters: dict[tuple[int, int], tuple[str, str]] = {}

    def dot(self, x: int, y: int, style: str, layer: int = 0) -> None:
        """Set one dot."""
        if not (0 <= x < self.width and 0 <= y < self.height):
            return
        column, row = x // DOTS_X, y // DOTS_Y
        highest = self._ink[row][column][0]
        if self._on_top and layer != highest:
            if layer < highest:
                return
            self._bits[row][column] = 0
        self._bits[row][column] |= _BITS[y % DOTS_Y][x % DOTS_X]
        if layer >= highest:
            self._ink[row][column] = (layer, style)

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        style: str,
        layer: int = 1,
    ) -> None:
        """Set the dots of a straight line, clipped to the canvas."""
        clipped = _clip(start, end, self.width, self.height)
        if clipped is None:
            return
        (x0, y0), (x1, y1) = clipped
        steps = max(1, round(max(abs(x1 - x0), abs(y1 - y0))))
        for k in range(steps + 1):
            share = k / steps
            self.dot(round(x0 + share * (x1 - x0)), round(y0 + share * (y1 - y0)), style, layer)

    def write(self, column: int, row: int, text: str, style: str) -> None:
        """Write a text over the dots of its cells, cut at the canvas's edge."""
        if 0 <= row < self.rows:
            for at, letter in enumerate(text, start=column):
                if 0 <= at < self.columns:
                    self._letters[at, row] = (letter, style)

    def lines(self) -> list[Text]:
        """The rows, each exactly `columns` cells wide."""
        return [Text.assemble(*self.runs(row), end="") for row in range(self.rows)]

    def runs(self, row: int) -> list[tuple[str, str]]:
        """A row as pieces of one style each, (text, style), together `columns` cells wide."""
        cells = [self._cell(column, row) for column in range(self.columns)]
        runs = groupby(cells, key=lambda cell: cell[1])
        return [("".join(sign for sign, _ in run), ink) for ink, run in runs]

    def _cell(self, column: int, row: int) -> tuple[str, str]:
        if (column, row) in self._letters:
            return self._letters[column, row]
        bits = self._bits[row][column]
        return (chr(_BLANK + bits), self._ink[row][column][1]) if bits else (" ", "")


def _clip(
    start: tuple[float, float], end: tuple[float, float], width: int, height: int
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The part of a line within the canvas (Liang-Barsky), or None."""
    (x0, y0), (x1, y1) = start, end
    enter, leave = 0.0, 1.0
    for origin, step, limit in ((x0, x1 - x0, width), (y0, y1 - y0, height)):
        for distance, speed in ((origin + 1.0, -step), (limit - origin, step)):
            if speed == 0.0:
                if distance < 0.0:
                    return None
            elif speed > 0.0:
                leave = min(leave, distance / speed)
            else:
                enter = max(enter, distance / speed)
    if enter > leave:
        return None
    return (
        (x0 + enter * (x1 - x0), y0 + enter * (y1 - y0)),
        (x0 + leave * (x1 - x0), y0 + leave * (y1 - y0)),
    )
