"""The clock, as a parameter: running time and Unix time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from daemon.base.clocks.running_time import RunningTime


@dataclass(frozen=True)
class Instant:
    """`monotonic_s` is for intervals, `unix_s` for records.

    In a supervisor `monotonic_s` stands still while the process is frozen: nothing that could not
    be observed counts as time without a heartbeat, time that an alert's condition held, and so on.
    """

    monotonic_s: float
    unix_s: float


Clock = Callable[[], Instant]

RUNNING_TIME = RunningTime()  # of this process; the event loop advances it


def running_clock() -> Instant:
    """Now: this process's running time, and the machine's Unix time."""
    return Instant(RUNNING_TIME.now_s(), time.time())
