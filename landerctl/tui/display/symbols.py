"""The last step before the terminal: only characters that it shows, each as wide as before.

Panels and pages draw with any symbols; those that the terminal lacks are replaced here by ASCII.
Control characters are replaced too, should a text still hold one
(:func:`daemon.base.text.one_line.one_line` is where they are made readable).
"""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from daemon.base.text.charset import UTF8
from daemon.base.text.spelling import one_cell

# What the fonts of the Linux console have besides letters, roughly: frames, blocks, some signs.
CONSOLE = "cp437"
_ON_CONSOLE = dict(zip("╭╮╰╯━┃", "┌┐└┘═║", strict=True))
_HEIGHTS = "▁▂▃▄▅▆▇█"


class ShownSymbols(LineFilter):
    """Replaces what a terminal with the characters of `charset` (a codec) cannot show."""

    def __init__(self, charset: str) -> None:
        super().__init__()
        self._charset = charset

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments of a line, unchanged if all can be shown."""
        if self._charset == UTF8 and all(text.isprintable() for text, _, _ in segments):
            return segments
        return [
            segment
            if segment.control
            else Segment(shown(segment.text, self._charset), segment.style)
            for segment in segments
        ]


@lru_cache(maxsize=4096)
def shown(text: str, charset: str) -> str:
    """The text in a terminal's characters, as wide in cells."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(char, charset) for char in text)


@lru_cache(maxsize=1024)
def _shown(char: str, charset: str) -> str:
    if not char.isprintable() and not char.isspace():
        return "?" * cell_len(char)
    if charset == CONSOLE:
        char = _ON_CONSOLE.get(char, char)
    try:
        if char in _HEIGHTS and charset != UTF8:
            return one_cell(char)  # all eight or none: the console has two of them
        char.encode(charset)
    except UnicodeEncodeError:
        return one_cell(char) * cell_len(char)
    return char if char.isprintable() else " " * cell_len(char)
