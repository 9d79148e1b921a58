"""A canvas of braille dots: two by four in each cell. Pure Python: numpy costs start-up time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

DOT_COLUMNS, DOT_ROWS = 2, 4  # of a cell
_BRAILLE = 0x2800
# The bits of Unicode's braille patterns: [row][column].
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
Run = tuple[str, str]  # text, and the name of its style
Row = tuple[Run, ...]
Point = tuple[float, float]  # in dots from the upper left


class Canvas:
    """Cells of one character and one style each; what is drawn later is above."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._dots = [[0] * width for _ in range(height)]
        self._characters = [[" "] * width for _ in range(height)]
        self._styles = [[""] * width for _ in range(height)]

    def dot(self, x: int, y: int, style: str) -> None:
        """Set a dot; outside nothing is set."""
        column, row = x // DOT_COLUMNS, y // DOT_ROWS
        if 0 <= column < self.width and 0 <= row < self.height:
            self._dots[row][column] |= _BITS[y % DOT_ROWS][x % DOT_COLUMNS]
            self._styles[row][column] = style

    def line(self, points: Sequence[Point], style: str, dashes: tuple[int, int] = (1, 0)) -> None:
        """Connect points; `dashes`: dots drawn and left out in turn. One point is a single dot."""
        on, period = dashes[0], sum(dashes)
        if len(points) == 1:
            self.dot(round(points[0][0]), round(points[0][1]), style)
        count = 0
        for start, end in pairwise(points):
            for x, y in self._between(start, end):
                if count % period < on:
                    self.dot(x, y, style)
                count += 1

    def text(self, column: int, row: int, text: str, style: str) -> None:
        """Write text over what is there; what is outside is cut off."""
        if not 0 <= row < self.height:
            return
        for at, character in enumerate(text, start=column):
            if 0 <= at < self.width:
                self._dots[row][at] = 0
                self._characters[row][at] = character
                self._styles[row][at] = style

    def rows(self) -> tuple[Row, ...]:
        """The cells, as runs of one style; an empty style where nothing is."""
        return tuple(map(self._row, self._dots, self._characters, self._styles))

    @staticmethod
    def _row(dots: list[int], characters: list[str], styles: list[str]) -> Row:
        cells = (
            (chr(_BRAILLE + dot) if dot else character, style)
            for dot, character, style in zip(dots, characters, styles, strict=True)
        )
        return tuple(
            ("".join(character for character, _ in run), style)
            for style, run in groupby(cells, key=lambda cell: cell[1])
        )

    def _between(self, start: Point, end: Point) -> Iterator[tuple[int, int]]:
        """The dots from `start` to `end`, without the part beside the canvas."""
        (x0, y0), (x1, y1) = start, end
        last_x, last_y = self.width * DOT_COLUMNS - 1, self.height * DOT_ROWS - 1
        first, last = 0.0, 1.0  # shares of the line: Liang and Barsky's clipping
        for delta, below, above in (
            (x1 - x0, x0, last_x - x0),
            (y1 - y0, y0, last_y - y0),
        ):
            if delta == 0.0:
                if below < -0.5 or above < -0.5:
                    return
                continue
            ends = sorted(((-0.5 - below) / delta, (above + 0.5) / delta))
            first, last = max(first, ends[0]), min(last, ends[1])
        if first > last:
            return
        x0, x1, y0, y1 = (
            x0 + first * (x1 - x0), x0 + last * (x1 - x0),
            y0 + first * (y1 - y0), y0 + last * (y1 - y0),
        )  # fmt: skip
        steps = max(1, round(max(abs(x1 - x0), abs(y1 - y0))))
        for index in range(steps + 1):
            share = index / steps
            yield round(x0 + share * (x1 - x0)), round(y0 + share * (y1 - y0))
