"""What the trainer prints goes to its log; where that cannot be written it is lost, no more."""

from __future__ import annotations

import io
import sys
from typing import Any


class LossyOutput(io.FileIO):
    """Swallows what its descriptor refuses: printing on a full disk must end nothing."""

    def write(self, data: Any, /) -> int:
        """All is taken, if need be by nobody."""
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def print_lossily() -> None:
    """Let nothing that this process prints, now or at its exit, raise OSError."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        raw = LossyOutput(descriptor, "w", closefd=False)
        stream = io.TextIOWrapper(
            io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True
        )
        setattr(sys, name, stream)
