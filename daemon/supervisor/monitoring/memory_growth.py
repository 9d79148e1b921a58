"""How fast memory grows, told apart from how it jumps: a robust slope."""

from __future__ import annotations

import statistics
from collections import deque

STEP_S = 60.0
WINDOW_STEPS = 360  # six hours
SHORTEST_STEPS = 60  # an hour: before, what a start allocates would pass for growth
DAY_S = 86_400.0
SETTLING_S = 600.0  # after the process's start: compiling, buffers, the first rollouts


class Growth:
    """The slope of one process's memory over its last hours.

    By Theil and Sen: the median of the slopes between pairs of points half the window apart, so
    that an evaluation's or a checkpoint's peak does not count.
    """

    def __init__(self) -> None:
        self._points: deque[tuple[float, float]] = deque(maxlen=WINDOW_STEPS)
        self._began_s: float | None = None

    def add(self, time_s: float, memory_gb: float) -> None:
        """Note what is used at `time_s` (Unix); one a minute is kept."""
        if self._began_s is None or (self._points and time_s < self._points[-1][0]):
            self._began_s = time_s  # also where the clock was set back
            self._points.clear()
        if time_s - self._began_s < SETTLING_S:
            return
        if not self._points or time_s - self._points[-1][0] >= STEP_S:
            self._points.append((time_s, memory_gb))

    @property
    def gb_per_day(self) -> float | None:
        """None before there are enough points."""
        count = len(self._points)
        if count < SHORTEST_STEPS:
            return None
        points = list(self._points)
        half = count // 2
        pairs = zip(points[:-half], points[half:], strict=True)
        return DAY_S * statistics.median((y1 - y0) / (t1 - t0) for (t0, y0), (t1, y1) in pairs)
