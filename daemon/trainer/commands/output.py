"""Printing to the trainer's log without errors: on a full disk output is lost."""

from __future__ import annotations

import io
import sys
from typing import Any


class LossyOutput(io.FileIO):
    """Ignores write errors: printing on a full disk must not end the training."""

    def write(self, data: Any, /) -> int:
        """Write, or drop the data on an error; returns its size in bytes."""
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def print_lossily() -> None:
    """Make printing to stdout and stderr, also at exit, never raise OSError."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        raw = LossyOutput(descriptor, "w", closefd=False)
        stream = io.TextIOWrapper(
            io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True
        )
        setattr(sys, name, stream)
