"""The training's clock: it stands still while the process is frozen.

A pause counts neither as training time nor for the speed, which would fire an alert.
"""

from __future__ import annotations

from functools import cache

from daemon.base.clocks.running_time import RunningTime, mark_in_thread

TICK_S = 1.0
MAX_STEP_S = 10.0  # compiled code may hold the interpreter's lock for seconds


def running_s() -> float:
    """Monotonic time (s) in which this process ran."""
    return _running_time().now_s()


@cache
def _running_time() -> RunningTime:
    running_time = RunningTime(max_step_s=MAX_STEP_S)
    mark_in_thread(running_time, TICK_S)
    return running_time
