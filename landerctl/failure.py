"""Failures of a verb: one line for the user, an exit code, the traceback in the log."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from daemon.base.secrets.redaction import redact
from daemon.base.text.log_line import log_line
from daemon.base.text.one_line import one_line as escape
from landerctl.exitcodes import Exit


class Failure(Exception):  # noqa: N818 - an expected result for the user, not a program error
    """A verb failed. `text`: one line with what happened, to what, and what to do next."""

    def __init__(self, text: str, code: Exit = Exit.FAILED) -> None:
        self.text = redact(escape(text))
        super().__init__(self.text)
        self.code = code


def one_line(text: str) -> str:
    """The text without line breaks and control characters."""
    return escape(" ".join(text.split()))


@contextmanager
def interruption(text: str) -> Iterator[None]:
    """Make Ctrl-C a Failure that says what becomes of the work."""
    try:
        yield
    except KeyboardInterrupt:
        raise Failure(f"interrupted; {text}", Exit.INTERRUPTED) from None


def report_unexpected(
    log: Path | None,
    kind: type[BaseException],
    error: BaseException,
    traceback: TracebackType | None,
) -> None:
    """Append the traceback to `log` (else print it), and print a one-line message."""
    import traceback as formatter  # noqa: PLC0415 - takes milliseconds to import

    where = keep_trace(log, "".join(formatter.format_exception(kind, error, traceback)))
    what = redact(one_line(str(error))) or kind.__name__
    print(f"landerctl: internal error: {what}; {where}", file=sys.stderr)


def keep_trace(log: Path | None, lines: str) -> str:
    """Append a traceback to `log`, or print it if that fails; returns a text that says where it
    is.
    """
    command = escape(f"landerctl {' '.join(sys.argv[1:])}")
    lines = redact(f"{log_line(time.time(), 'ERROR', 'landerctl', command)}\n{lines}\n")
    if log is not None:
        with suppress(OSError):
            descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "ab") as stream:
                stream.write(lines.encode("utf-8", "backslashreplace"))
            return f"the traceback is in {log}"
    print(lines, file=sys.stderr)
    return "see the traceback above"
