"""Standard input, output and error of a process, whatever its caller made of them.

A closed descriptor 0 to 2 would be reused by the next opened file, such as the store, and whatever
is printed would go into that file.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Any, TextIO

STDOUT, STDERR = 1, 2
# As gnulib's stdopen: closed output is opened for reading, so that writing to it fails instead of
# vanishing. Input is at its end, and messages that nobody wants to read are no failure.
_MODES = (os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)


class OutputLostError(Exception):
    """Standard output cannot be written. Not an OSError: no handler of files takes it for one."""


def hold_standard_streams() -> None:
    """Open those of descriptors 0 to 2 that are closed. Call it before anything is opened.

    Programs that this process starts inherit them.
    """
    for descriptor, mode in enumerate(_MODES):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, mode), True)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for the process's life
    if sys.stdout is None:
        sys.stdout = _text(io.FileIO(STDOUT, "w", closefd=False), None)
    if sys.stderr is None:
        sys.stderr = _text(io.FileIO(STDERR, "w", closefd=False), None)


def guard_output() -> None:
    """Make printing raise OutputLostError or BrokenPipeError; lose messages without an error."""
    sys.stdout = _text(GuardedOutput(STDOUT, "w", closefd=False), sys.stdout)
    sys.stderr = _text(LossyOutput(STDERR, "w", closefd=False), sys.stderr)


def finish_output(stream: TextIO) -> None:
    """Write what is buffered, or drop it, so that the interpreter's own flush cannot fail."""
    try:
        stream.flush()
    except (BrokenPipeError, OutputLostError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, stream.fileno())
        os.close(descriptor)


class LossyOutput(io.FileIO):
    """Ignores write errors: printing on a full disk must not end the work."""

    def write(self, data: Any, /) -> int:
        """Write, or drop the data on an error; returns its size in bytes."""
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


class GuardedOutput(io.FileIO):
    """Standard output, whose errors are not taken for another file's."""

    def write(self, data: Any, /) -> int:
        """Write; returns the number of bytes. Raises OutputLostError and BrokenPipeError."""
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            what = "closed" if error.errno == errno.EBADF else error.strerror
            raise OutputLostError(f"standard output: {what}") from None


def _text(raw: io.FileIO, like: TextIO | None) -> io.TextIOWrapper:
    """A stream on `raw` with another's encoding and buffering; nothing is buffered there yet."""
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=like.encoding if like else "utf-8",
        errors=like.errors if like else "backslashreplace",
        line_buffering=raw.isatty() or raw.fileno() == STDERR,
    )
