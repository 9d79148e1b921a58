"""Printing to the trainer's log without errors: on a full disk output is lost."""

from __future__ import annotations

import io
import sys

from daemon.base.standard_streams import LossyOutput


def print_lossily() -> None:
    """Make printing to stdout and stderr, also at exit, never raise OSError."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        raw = LossyOutput(descriptor, "w", closefd=False)
        stream = io.TextIOWrapper(
            io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True
        )
        setattr(sys, name, stream)
