"""Plays the reports of a flight's process in a thread, at a speed that can change."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from daemon.protocol.flight import FlightBegan, FlightEnded, FlightReport, FlightSample
from daemon.protocol.trainer import Startup
from landerctl.failure import Failure
from landerctl.flight.source import FlightReports

FRAME_S = 0.1
MAX_LAG_S = 0.5  # a longer delay is not caught up
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # factors of real time
REAL_TIME = SPEEDS.index(1.0)

Fly = Callable[[], AbstractContextManager[FlightReports]]


class Playback:
    """What has been flown so far. Written by its own thread, read by the screen.

    `fly` starts the process, which ends with the block; it may raise Failure. `changed` is called
    in the thread after anything below has changed, at most once in FRAME_S.
    """

    def __init__(self, fly: Fly, changed: Callable[[], object]) -> None:
        self.startup: Startup | None = None
        self.began: FlightBegan | None = None
        self.samples: list[FlightSample] = []
        self.ended: FlightEnded | None = None
        self.failure: str | None = None
        self.paused = False
        self._speed = REAL_TIME
        self._fly = fly
        self._changed = changed
        self._stopped = threading.Event()
        self._at_s = 0.0  # flight time that is shown
        self._next: FlightReport | None = None  # read, but not yet due
        self._thread = threading.Thread(target=self._run, name="tui-flight", daemon=True)

    @property
    def speed(self) -> float:
        """The factor of real time."""
        return SPEEDS[self._speed]

    def change_speed(self, by: int) -> None:
        """Take the next higher (1) or lower (-1) speed, if there is one."""
        self._speed = min(max(self._speed + by, 0), len(SPEEDS) - 1)

    def start(self) -> None:
        """Start the thread, and in it the process."""
        self._thread.start()

    def stop(self) -> None:
        """Let the thread end the process. Returns at once.

        If the program ends before it did, the process ends because its pipe closes.
        """
        self._stopped.set()

    def _run(self) -> None:
        try:
            with self._fly() as reports:
                self._play(reports)
        except Failure as failure:
            self.failure = failure.text
        except OSError as error:
            self.failure = f"the flight's process: {error.strerror or error}"
        if not self._stopped.is_set():
            self._changed()

    def _play(self, reports: FlightReports) -> None:
        last_s = time.monotonic()
        while self.ended is None and not self._stopped.wait(FRAME_S):
            now_s = time.monotonic()
            passed_s, last_s = min(now_s - last_s, MAX_LAG_S), now_s
            if self.began is not None and not self.paused:
                self._at_s += passed_s * self.speed
            if self._take(reports):
                self._changed()

    def _take(self, reports: FlightReports) -> bool:
        """Take all reports that are due; whether there was one. Raises Failure."""
        taken = False
        while self.ended is None:
            report = self._next or reports.next(0.0)
            if report is None:  # the process is behind: wait for it
                self._at_s = min(self._at_s, self.samples[-1].time_s if self.samples else 0.0)
                break
            if isinstance(report, FlightSample | FlightEnded) and report.time_s > self._at_s:
                self._next = report
                break
            self._next, taken = None, True
            self._accept(report)
        return taken

    def _accept(self, report: FlightReport) -> None:
        if isinstance(report, Startup):
            self.startup = report
        elif isinstance(report, FlightBegan):
            self.began = report
        elif isinstance(report, FlightSample):
            self.samples.append(report)
        elif isinstance(report, FlightEnded):
            self.ended = report
