"""UTF-8 for JSON on standard output: characters that could control a terminal are escaped.

JSON's encoders escape the control characters below U+0020 and no others (RFC 8259, 7), but a
terminal also acts on U+009B, on text directions and on line separators.
"""

from __future__ import annotations

import codecs

NAME = "utf-8-json"  # begins as UTF-8 does: Rich asks for that


def register() -> None:
    """Make the encoding known by its name."""
    codecs.register(_find)


def _find(name: str) -> codecs.CodecInfo | None:
    if name.replace("_", "-") != NAME:
        return None
    utf8 = codecs.lookup("utf-8")
    return codecs.CodecInfo(
        _encode,
        utf8.decode,
        utf8.streamreader,
        utf8.streamwriter,
        _Encoder,
        utf8.incrementaldecoder,
        name=NAME,
    )


class _Encoder(codecs.IncrementalEncoder):
    def encode(self, text: str, final: bool = False) -> bytes:
        return _encode(text, self.errors)[0]


def _encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
    if text.isascii() and "\x7f" not in text:
        return text.encode("ascii"), len(text)
    return "".join(map(_escaped, text)).encode("utf-8", errors), len(text)


def _escaped(char: str) -> str:
    if char < "\x7f" or char.isprintable():
        return char
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
