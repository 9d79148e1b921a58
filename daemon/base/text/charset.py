"""The character encoding of the user's locale.

Python's own answer is UTF-8 in the C locale and in locales that are not installed (PEP 538, 540),
while the terminal is what the user's settings say.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Mapping
from pathlib import Path

ASCII, UTF8 = "ascii", "utf-8"
_SETTINGS = ("LC_ALL", "LC_CTYPE", "LANG")  # the first that is not empty decides (POSIX)
_AT_START = Path("/proc/self/environ")


def charset(environ: Mapping[str, str]) -> str:
    """The codec's name: that of PYTHONIOENCODING, else the locale's. UTF-8 if nothing names one."""
    forced = environ.get("PYTHONIOENCODING", "").partition(":")[0]
    if forced:
        return _codec(forced)
    if environ.get("PYTHONUTF8") == "1":
        return UTF8
    locale = next((environ[name] for name in _SETTINGS if environ.get(name)), "")
    if locale in ("C", "POSIX"):
        return ASCII
    named = locale.partition("@")[0].partition(".")[2]
    return _codec(named) if named else UTF8


def user_charset() -> str:
    """`charset` of the environment in which this process was started: Python changes LC_CTYPE."""
    try:
        entries = _AT_START.read_bytes().decode("utf-8", "surrogateescape").split("\0")
    except OSError:
        return charset(os.environ)
    return charset(dict(entry.split("=", 1) for entry in entries if "=" in entry))


def _codec(name: str) -> str:
    """Python's name of an encoding; ASCII for an unknown one and for one that is not above it."""
    try:
        codec = codecs.lookup(name).name
        return codec if " ~".encode(codec) == b" ~" else ASCII
    except LookupError:
        return ASCII
