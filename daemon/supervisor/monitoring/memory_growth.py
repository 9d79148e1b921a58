"""How fast memory grows, ignoring jumps: a robust slope."""

from __future__ import annotations

import statistics
from collections import deque

STEP_S = 60.0
WINDOW_STEPS = 360  # six hours
SHORTEST_STEPS = 60  # an hour: earlier, allocations of the start would count as growth
DAY_S = 86_400.0
SETTLING_S = 600.0  # after the process's start: compiling, buffers, the first rollouts


class MemoryGrowth:
    """The slope of one process's memory over its last hours.

    Theil-Sen estimator: the median slope between points half a window apart, so that peaks during
    an evaluation or a checkpoint do not count.
    """

    def __init__(self) -> None:
        self._points: deque[tuple[float, float]] = deque(maxlen=WINDOW_STEPS)
        self._began_s: float | None = None

    def add(self, time_s: float, memory_gb: float) -> None:
        """Add the memory used at `time_s` (monotonic); one point per minute is kept."""
        if self._began_s is None:
            self._began_s = time_s
        if time_s - self._began_s < SETTLING_S:
            return
        if not self._points or time_s - self._points[-1][0] >= STEP_S:
            self._points.append((time_s, memory_gb))

    @property
    def gb_per_day(self) -> float | None:
        """The slope in GB per day; None until there are enough points."""
        count = len(self._points)
        if count < SHORTEST_STEPS:
            return None
        points = list(self._points)
        half = count // 2
        pairs = zip(points[:-half], points[half:], strict=True)
        return DAY_S * statistics.median((y1 - y0) / (t1 - t0) for (t0, y0), (t1, y1) in pairs)
