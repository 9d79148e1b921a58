"""Text on standard output and error in any encoding: what it lacks is spelled in ASCII."""

from __future__ import annotations

import codecs
import sys
from io import TextIOWrapper

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
# Frames, bars and spinners, by range of code points.
_DRAWN = ((0x2500, 0x257F, "-"), (0x2580, 0x259F, "#"), (0x2800, 0x28FF, "*"))


def spell_unencodable(*, as_json: bool = False) -> None:
    """Let standard output and error take any text, instead of raising UnicodeEncodeError.

    `as_json`: standard output is UTF-8, as JSON is in every locale (RFC 8259, 8.1).
    """
    codecs.register_error(_NAME, _spell)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=_NAME)
    if as_json and isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors=_NAME)


def _spell(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_spelled, error.object[error.start : error.end])), error.end


def _spelled(char: str) -> str:
    """A character in ASCII: ``e`` for ``é``, a question mark where nothing reads well."""
    if char in _SPELLED:
        return _SPELLED[char]
    for first, last, spelled in _DRAWN:
        if first <= ord(char) <= last:
            return spelled
    import unicodedata  # noqa: PLC0415 - seldom needed

    plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
    return plain or "?"
