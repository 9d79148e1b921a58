"""A canvas of braille dots: two by four in each cell. Pure Python: numpy costs start-up time."""

from __future__ import annotations

from collections.abc import Sequence
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
        dots, styles = self._dots, self._styles
        if len(points) == 1:
            self.dot(round(points[0][0]), round(points[0][1]), style)
        count = 0
        for start, end in pairwise(points):
            part = self._clipped(start, end)
            if part is None:
                continue
            x, y, across, down = part
            steps = int(max(abs(across), abs(down)) + 0.5) or 1
            across, down = across / steps, down / steps
            for index in range(steps + 1):
                if (count + index) % period < on:
                    # As `dot`, in place: this is most of what a redraw costs.
                    column, row = int(x + index * across), int(y + index * down)
                    dots[row >> 2][column >> 1] |= _BITS[row & 3][column & 1]
                    styles[row >> 2][column >> 1] = style
            count += steps

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

    def _clipped(self, start: Point, end: Point) -> tuple[float, float, float, float] | None:
        """The part of a line on the canvas: its start, half a dot further, and its extent.

        None if there is none. By Liang and Barsky, 1984.
        """
        (x, y), (to_x, to_y) = start, end
        across, down = to_x - x, to_y - y
        first, last = 0.0, 1.0  # shares of the line
        for at, by, most in (
            (x, across, self.width * DOT_COLUMNS - 0.51),
            (y, down, self.height * DOT_ROWS - 0.51),
        ):
            if -0.49 <= at <= most and -0.49 <= at + by <= most:
                continue
            if by == 0.0:
                return None
            ends = sorted(((-0.49 - at) / by, (most - at) / by))
            first, last = max(first, ends[0]), min(last, ends[1])
        if first > last:
            return None
        share = last - first
        return x + first * across + 0.5, y + first * down + 0.5, share * across, share * down
