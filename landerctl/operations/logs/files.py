"""A log and its rotated files, read in blocks from either end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

from landerctl.operations.logs.record import Line

BLOCK_BYTES = 64 * 1024
MAX_LINE_BYTES = 16 * 1024
_CUT = " … (line cut)"
Read = Callable[[int, int, int], bytes]  # descriptor, size, offset


class LogFile(NamedTuple):
    """One file of a log, as it was when it was listed."""

    path: Path
    inode: int
    size_bytes: int
    written_s: float  # Unix


def log_files(path: Path) -> list[LogFile]:
    """The log with its rotated files ``.1``, ``.2``, ..., oldest first; [] if there is none.

    Raises OSError if they cannot be listed.
    """
    found: dict[int, LogFile] = {}  # by inode: one that is renamed meanwhile is seen twice
    for number in count():
        name = _rotated(path, number)
        try:
            stat = name.stat()
        except FileNotFoundError:
            # While a log is rotated there is none of its own name.
            if number > 0:
                break
        else:
            found.setdefault(stat.st_ino, LogFile(name, stat.st_ino, stat.st_size, stat.st_mtime))
    return list(reversed(found.values()))


@contextmanager
def opened(file: LogFile) -> Iterator[int | None]:
    """A descriptor of the file, also if it has been rotated since; None: it is gone.

    Raises OSError if it cannot be opened.
    """
    descriptor = _open(file)
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def lines_forward(
    read: Read, descriptor: int, start: int, end: int, *, partial: bool
) -> Iterator[Line]:
    """The lines from `start` to `end` (bytes). `partial`: also a last one without a line break."""
    head, line_at, at = b"", start, start
    while at < end and (block := read(descriptor, min(BLOCK_BYTES, end - at), at)):
        begin = 0
        while (stop := block.find(b"\n", begin)) >= 0:
            yield Line(line_at, at + stop + 1, _text(head + block[begin:stop]))
            head, line_at, begin = b"", at + stop + 1, stop + 1
        head = (head + block[begin:])[: MAX_LINE_BYTES + 1]
        at += len(block)
    if partial and line_at < at:
        yield Line(line_at, at, _text(head))


def lines_back(read: Read, descriptor: int, end: int) -> Iterator[Line]:
    """The lines before `end` (bytes), the last one first."""
    rest, line_end, at = b"", end, end
    while at > 0:
        start = max(0, at - BLOCK_BYTES)
        block = read(descriptor, at - start, start)
        if len(block) < at - start:
            return  # it was truncated meanwhile
        stop = len(block) - 1 if at == end and block.endswith(b"\n") else len(block)
        while (found := block.rfind(b"\n", 0, stop)) >= 0:
            yield Line(start + found + 1, line_end, _text(block[found + 1 : stop] + rest))
            rest, line_end, stop = b"", start + found + 1, found
        rest, at = (block[:stop] + rest)[: MAX_LINE_BYTES + 1], start
    if line_end > 0:
        yield Line(0, line_end, _text(rest))


def _text(content: bytes) -> str:
    text = content[:MAX_LINE_BYTES].decode("utf-8", "backslashreplace")
    return text + _CUT if len(content) > MAX_LINE_BYTES else text


def _rotated(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}") if number else path


def _open(file: LogFile) -> int | None:
    number = int(file.path.suffix[1:]) if file.path.suffix[1:].isdigit() else 0
    first = file.path.with_suffix("") if number else file.path
    # Each rotation gives it the next number.
    for name in (_rotated(first, number + times) for times in range(4)):
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            continue
        if os.fstat(descriptor).st_ino == file.inode:
            return descriptor
        os.close(descriptor)
    return None
