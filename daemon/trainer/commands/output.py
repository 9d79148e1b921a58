"""Printing to the trainer's log: dated, and without errors: on a full disk output is lost."""

from __future__ import annotations

import io
import re
import sys
import time
from typing import Any

from daemon.base.standard_streams import LossyOutput
from daemon.base.text.log_line import log_line

_TRACE = b"Traceback (most recent call last)"
_WARNING = re.compile(rb"^\S+: \w*Warning: ")


class _DatedOutput(LossyOutput):
    """Begins each text with its time and level; lines in a text, as of a traceback, follow it."""

    _begins_line = True

    def write(self, data: Any, /) -> int:
        """Write, or drop the data on an error; returns its size in bytes."""
        content = bytes(data)
        if self._begins_line and content[:1].strip():
            level = (
                "ERROR" if _TRACE in content else "WARNING" if _WARNING.match(content) else "INFO"
            )
            super().write(log_line(time.time(), level, "trainer", "").encode() + content)
        else:
            super().write(content)
        self._begins_line = content.endswith(b"\n")
        return len(content)


def print_lossily() -> None:
    """Make printing to stdout and stderr, also at exit, never raise OSError; it is dated."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        raw = _DatedOutput(descriptor, "w", closefd=False)
        stream = io.TextIOWrapper(
            io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True
        )
        setattr(sys, name, stream)
