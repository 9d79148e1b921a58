"""Follows a start through its steps and reports it, also while a step takes long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from msgspec.structs import replace

from daemon.protocol.trainer import PhaseName, Startup, StartupStep
from daemon.trainer.startup.learnt import Cache, learnt_file, load_durations, save_durations

REPORT_INTERVAL_S = 1.0
MIN_INTERVAL_S = 0.2  # between two reports of one step
# A report is a sign of life, so a step in which nothing moves for so long falls silent: the
# supervisor must be able to see a hung start. Steps without a count took 30 s at a load of ten.
STALLED_S = 120.0


class StartupProgress:
    """The steps of one start. `send` is called by this thread and another, never by two at once.

    `command` distinguishes starts of different length. May be ended more than once.
    """

    def __init__(
        self,
        command: str,
        steps: Sequence[tuple[PhaseName, str]],
        send: Callable[[Startup], None],
        *,
        file: Path | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin the first of `steps`: names, and what they do. `file`: of learnt durations."""
        self._command, self._send = command, send
        self._file = file or learnt_file()
        self._monotonic = monotonic
        self._cache: Cache | None = "full"
        self._lock = threading.Lock()
        self._over = threading.Event()
        now_s = monotonic()
        self._began_s = self._advanced_s = self._reported_s = now_s
        # The imports, which come first, take as long with an empty cache.
        known = {
            **load_durations(self._file, command, "empty"),
            **load_durations(self._file, command, "full"),
        }
        (name, text), *ahead = steps
        first = StartupStep(name, text, expected_s=known.get(name))
        self._startup = Startup(first, ahead=[StartupStep(*step) for step in ahead])
        self._report()
        self._thread = threading.Thread(target=self._tick, name="startup reports", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """A start that has not ended is abandoned."""
        self.abandon()

    def replan(self, steps: Sequence[tuple[PhaseName, str]]) -> None:
        """Replace the steps ahead by better known ones."""
        with self._lock:
            ahead = [StartupStep(name, text) for name, text in steps]
            self._startup = replace(self._startup, ahead=ahead)

    def next(self) -> None:
        """The current step is over: begin the one ahead."""
        with self._lock:
            before = self._startup
            current, *ahead = before.ahead
            self._startup = Startup(current, over=[*before.over, self._current()], ahead=ahead)
            self._began_s = self._advanced_s = self._monotonic()
            self._report()

    def compiled(self, done: int, total: int) -> None:
        """`done` of `total` functions of the current step are compiled."""
        with self._lock:
            if self._startup.total == 0:
                self._cache = _state_of_cache(done, total)
                self._startup = self._with_expected()
            self._advance(done, total)

    def advance(self, done: int, total: int) -> None:
        """`done` of `total` parts of the current step are done."""
        with self._lock:
            self._advance(done, total)

    def _advance(self, done: int, total: int) -> None:
        first = self._startup.total == 0
        advanced = first or done > self._startup.done
        self._startup = replace(self._startup, done=done, total=total)
        if advanced:
            self._advanced_s = self._monotonic()
            if first or self._advanced_s - self._reported_s >= MIN_INTERVAL_S:
                self._report()

    def end(self) -> None:
        """The start is complete: stop reporting, and learn its durations."""
        if self._stop() and self._cache is not None:
            steps = [*self._startup.over, self._current()]
            took: dict[str, float] = {step.name: step.elapsed_s or 0.0 for step in steps}
            save_durations(self._file, self._command, self._cache, took)

    def abandon(self) -> None:
        """Stop reporting; nothing is learnt. No effect after `end`."""
        self._stop()

    def _stop(self) -> bool:
        """Whether it was still reporting."""
        with self._lock:
            reporting = not self._over.is_set()
            self._over.set()
        self._thread.join()
        return reporting

    def _tick(self) -> None:
        while not self._over.wait(REPORT_INTERVAL_S):
            with self._lock:
                stalled = self._monotonic() - self._advanced_s > STALLED_S
                if not stalled and not self._over.is_set():
                    self._report()

    def _report(self) -> None:
        self._reported_s = self._monotonic()
        self._send(replace(self._startup, current=self._current()))

    def _current(self) -> StartupStep:
        return replace(self._startup.current, elapsed_s=self._monotonic() - self._began_s)

    def _with_expected(self) -> Startup:
        """With what the current step and those ahead took at the last start with this cache."""
        known = load_durations(self._file, self._command, self._cache or "empty")
        current, *ahead = [
            replace(step, expected_s=known.get(step.name))
            for step in (self._startup.current, *self._startup.ahead)
        ]
        return replace(self._startup, current=current, ahead=ahead)


def _state_of_cache(done: int, total: int) -> Cache | None:
    """By the functions that need not be compiled; None: partly full, nothing to learn from."""
    if done >= total:
        return "full"
    return "empty" if done <= 0.1 * total else None
