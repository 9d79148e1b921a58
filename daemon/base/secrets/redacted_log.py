"""Log lines and tracebacks without secrets."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType

from daemon.base.secrets.redaction import redact
from daemon.base.text.log_line import stamp


class RedactingFormatter(logging.Formatter):
    """Formats a log record, its traceback included, without secrets; the time has its zone."""

    def __init__(self, form: str = "%(asctime)s %(levelname)s %(name)s: %(message)s") -> None:
        super().__init__(form)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """The record's time."""
        return stamp(record.created)

    def format(self, record: logging.LogRecord) -> str:
        """The redacted text."""
        return redact(super().format(record))


def trace_text(error: BaseException) -> str:
    """The traceback of an exception, without secrets."""
    return redact("".join(traceback.format_exception(error)))


def redact_tracebacks() -> None:
    """Print the tracebacks of unhandled exceptions, also those of threads, without secrets."""
    sys.excepthook = _print_trace
    threading.excepthook = _print_thread_trace


def _print_thread_trace(failed: threading.ExceptHookArgs) -> None:
    _print_trace(failed.exc_type, failed.exc_value or failed.exc_type(), failed.exc_traceback)


def _print_trace(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if not issubclass(kind, SystemExit):
        print(redact("".join(traceback.format_exception(kind, error, trace))), file=sys.stderr)
