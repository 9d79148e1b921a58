"""The text of a configuration file, and the line of each of its settings."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MAX_BYTES = 1 << 20
# A longer one is not split into lines: the time grows with the square of this.
MAX_STATEMENT_LINES = 200
_KINDS = (
    (stat.S_ISDIR, "is a folder"),
    (stat.S_ISFIFO, "is a pipe"),
    (stat.S_ISSOCK, "is a socket"),
)


class UnreadableError(Exception):
    """A file is no text that can be read. The message says why, without the file's name."""


def is_there(path: Path) -> bool:
    """Whether there is something with this name, of any kind, or it cannot be known."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # reading it says why
    return True


def read_text(path: Path) -> str:
    """The text of a plain file in UTF-8, without the byte order mark of some editors.

    An empty file is an empty text. Raises UnreadableError.
    """
    try:
        # Not blocking: opening a pipe would wait for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise UnreadableError(f"{_kind(mode)}, not a file")
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        # Path.open refuses a folder before its mode can be looked at; a socket has no content.
        raise UnreadableError(_why(path, error)) from None
    if len(content) > MAX_BYTES:
        raise UnreadableError(f"has more than {MAX_BYTES:,} bytes; is it the right file?")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError("is UTF-16 text; save it as UTF-8")
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableError(f"is not UTF-8 text (line {line}); save it as UTF-8") from None


def lines_of(text: str) -> dict[str, int]:
    """The line, from 1, of each setting (``alerts[2].metric``) and table of valid TOML."""
    return dict(_lines(text))


def nearest(lines: Mapping[str, int], setting: str) -> int | None:
    """The line of a setting, or of the table that should have it; None if neither is there."""
    while setting not in lines and setting:
        setting = setting[: max(setting.rfind("."), setting.rfind("["), 0)]
    return lines.get(setting)


def _kind(mode: int) -> str:
    return next((text for test, text in _KINDS if test(mode)), "is a device")


def _why(path: Path, error: OSError) -> str:
    try:
        mode = path.stat().st_mode
    except OSError:
        linked = isinstance(error, FileNotFoundError) and path.is_symlink()
        return "is a link to nothing" if linked else f"cannot be read: {error.strerror}"
    if stat.S_ISREG(mode):
        return f"cannot be read: {error.strerror}"
    return f"{_kind(mode)}, not a file"


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Each setting and table, with its line: later ones replace none of the same name."""
    import tomllib  # noqa: PLC0415 - a slow import that some commands do not need

    table, statement, begin = "", "", 0
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if not statement:
            begin = number
        statement += line
        try:
            values = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            if number - begin >= MAX_STATEMENT_LINES:
                return
            continue
        if statement.lstrip().startswith("["):
            table = _header(values, counts)
            yield table, begin
        else:
            for path in _paths(values):
                yield f"{table}.{path}" if table else path, begin
        statement = ""


def _header(values: Mapping[str, Any], counts: dict[str, int]) -> str:
    """The path of a table: of an array of tables with the index of its newest element."""
    path, inner = "", values
    while inner:
        ((key, value),) = inner.items()
        path = f"{path}.{key}" if path else key
        if isinstance(value, list):
            counts[path] = counts.get(path, -1) + 1
            return f"{path}[{counts[path]}]"
        if path in counts:
            path = f"{path}[{counts[path]}]"
        inner = value
    return path


def _paths(values: Mapping[str, Any]) -> Iterator[str]:
    """The path of each value of a statement, and of the tables on the way to it."""
    for key, value in values.items():
        yield key
        if isinstance(value, Mapping):
            yield from (f"{key}.{path}" for path in _paths(value))
