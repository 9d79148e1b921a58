"""Text on standard output and error in any encoding: what it lacks is spelled in ASCII."""

from __future__ import annotations

import codecs
import sys
from io import TextIOWrapper

from daemon.base.text import json_output
from daemon.base.text.charset import UTF8, user_charset

_NAME = "landerctl.spell"
_SPELLED = {
    "·": "-",
    "…": "...",
    "–": "-",
    "—": "-",
    "−": "-",
    "→": "->",
    "←": "<-",
    "↑": "^",
    "↓": "v",
    "×": "x",
    "±": "+/-",
    "≤": "<=",
    "≥": ">=",
    "°": "deg ",
    "µ": "u",
    "‘": "'",
    "’": "'",
    "“": "'",
    "”": "'",
    "•": "*",
    "●": "*",
    "○": "o",
    "›": ">",
    "▶": ">",
    "▲": "!",
    "✓": "+",
    "✗": "x",
    "✖": "x",
}
_CELLS = {  # where one cell has to do: on the screen
    "…": ".",
    "→": ">",
    "←": "<",
    "±": "~",
    "≤": "<",
    "≥": ">",
    "°": "o",
    "◆": "*",
    "◌": "o",
    "◐": "o",
    "■": "#",
    "▸": ">",
    "▼": "v",
    "░": ".",
    "▒": ":",
    "▀": "'",
}
_FRAMES = {"─": "-", "━": "=", "═": "=", "╌": "-", "╍": "=", "│": "|", "┃": "|", "║": "|"}
_FRAMES |= {"╱": "/", "╲": "\\", "╎": ":", "┆": ":", "┊": ":"}
_HEIGHTS = "_.,-~+*#"  # U+2581 to U+2588: an eighth of the cell to all of it
_PICTURES, _DELETE = range(0x2400, 0x2420), "\u2421"
# Frames, blocks and braille dots, by range of code points.
_BOXES, _BLOCKS, _BRAILLE = range(0x2500, 0x2580), range(0x2580, 0x25A0), range(0x2800, 0x2900)


def spell_unencodable(*, as_json: bool = False) -> None:
    """Let standard output and error take any text, in the encoding of the user's locale.

    `as_json`: standard output is UTF-8, as JSON is in every locale (RFC 8259, 8.1).
    """
    codecs.register_error(_NAME, _spell)
    encoding = user_charset()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(
                encoding=stream.encoding if encoding == UTF8 else encoding, errors=_NAME
            )
    if as_json and isinstance(sys.stdout, TextIOWrapper):
        json_output.register()
        sys.stdout.reconfigure(encoding=json_output.NAME, errors=_NAME)


def one_cell(char: str) -> str:
    """A printable character of one cell as a single one in ASCII."""
    if char in _CELLS:
        return _CELLS[char]
    code = ord(char)
    if code in _PICTURES or char == _DELETE:
        return "?"
    return _spelled(char)[:1]


def _spell(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_spelled, error.object[error.start : error.end])), error.end


def _spelled(char: str) -> str:
    """A character in ASCII: ``e`` for ``é``, a question mark where nothing reads well."""
    found = _SPELLED.get(char) or _CELLS.get(char) or _drawn(char)
    if found is not None:
        return found
    import unicodedata  # noqa: PLC0415 - seldom needed

    plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
    return plain or "?"


def _drawn(char: str) -> str | None:
    """A part of a drawing, or the picture of a control character as ``^[``; None for others."""
    code = ord(char)
    if code in _BOXES:
        return _FRAMES.get(char, "+")
    if code in _BLOCKS:
        return _HEIGHTS[code - 0x2581] if 0x2581 <= code <= 0x2588 else "#"
    if code in _BRAILLE:
        return _dots(code - 0x2800)
    if code in _PICTURES:
        return f"^{chr(code - 0x2400 + 0x40)}"
    return "^?" if char == _DELETE else None


def _dots(mask: int) -> str:
    """The part of a line that braille dots draw: where in the cell it is, or how it slopes.

    The bits are those of Unicode's block Braille Patterns, from the top: 0, 1, 2, 6 at the left,
    3, 4, 5, 7 at the right.
    """
    left = [row for row, bit in enumerate((0, 1, 2, 6)) if mask >> bit & 1]
    right = [row for row, bit in enumerate((3, 4, 5, 7)) if mask >> bit & 1]
    rows = left + right
    if not rows:
        return " "
    if left and right and max(left) < min(right):
        return "\\"
    if left and right and min(left) > max(right):
        return "/"
    height = max(rows) - min(rows)
    if height >= 2:
        return "#" if len(rows) > 5 else "|"
    return "'-._"[round(sum(rows) / len(rows))]
