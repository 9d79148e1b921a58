"""The clock, as a parameter: monotonic and Unix time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Instant:
    """`monotonic_s` is for intervals, `unix_s` for records."""

    monotonic_s: float
    unix_s: float


Clock = Callable[[], Instant]


def system_clock() -> Instant:
    """Now, by the machine's clocks."""
    return Instant(time.monotonic(), time.time())
