"""Time in which this process ran: it stands still while the process does.

A process is frozen by SIGSTOP, a paused container, a suspended machine, a debugger. Time-outs that
count such time expire at once on waking, before anything that arrived meanwhile was read.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

TICK_S = 0.25  # a running event loop looks at the time at least this often
MAX_STEP_S = 2 * TICK_S  # more than this between two looks is time in which it did not run

T = TypeVar("T")


class RunningTime:
    """A monotonic clock (s) that advances at most `max_step_s` between two calls of `mark`.

    Read it in any thread; `mark` belongs to one. `on_gap` receives the length (s) of each gap of
    which a part is not counted.
    """

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, *, max_step_s: float = MAX_STEP_S
    ) -> None:
        self._monotonic = monotonic
        self._max_step_s = max_step_s
        now_s = monotonic()
        self._last = now_s, now_s  # the last mark: real time and running time
        self.on_gap: Callable[[float], None] = lambda gap_s: None

    def now_s(self) -> float:
        """The running time."""
        marked_s, running_s = self._last
        return running_s + min(self._monotonic() - marked_s, self._max_step_s)

    def mark(self) -> None:
        """The process runs: count the time since the last mark, bounded."""
        now_s = self._monotonic()
        marked_s, running_s = self._last
        gap_s = now_s - marked_s
        self._last = now_s, running_s + min(gap_s, self._max_step_s)
        if gap_s > self._max_step_s:
            self.on_gap(gap_s)


def mark_in_thread(running_time: RunningTime, tick_s: float) -> None:
    """Mark the time regularly, in a thread of a process without an event loop."""

    def mark() -> None:
        pause = threading.Event()
        while True:
            pause.wait(tick_s)
            running_time.mark()

    threading.Thread(target=mark, name="running time", daemon=True).start()


class RunningTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose timers, time-outs and sleeps count running time only.

    After a pause what has arrived is read before any time-out expires.
    """

    def __init__(self, running_time: RunningTime) -> None:
        self._running_time = running_time
        super().__init__(_MarkingSelector(running_time))

    def time(self) -> float:
        """The loop's clock."""
        return self._running_time.now_s()


def run_in_running_time(work: Coroutine[Any, Any, T], running_time: RunningTime) -> T:
    """`asyncio.run` in a `RunningTimeLoop`."""
    with asyncio.Runner(loop_factory=lambda: RunningTimeLoop(running_time)) as runner:
        return runner.run(work)


class _MarkingSelector(selectors.DefaultSelector):
    """Marks the time around each wait, and waits no longer than TICK_S."""

    def __init__(self, running_time: RunningTime) -> None:
        super().__init__()
        self._running_time = running_time

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._running_time.mark()
        ready = super().select(TICK_S if timeout is None else min(timeout, TICK_S))
        self._running_time.mark()
        return ready
