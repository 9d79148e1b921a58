from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from daemon.protocol.flight import FlightFailed, FlightReport
from landerctl.flight.source import FlightReports, flight_process
from landerctl.tui.flight.order import FlightOrder
from landerctl.tui.flight.playback import SPEEDS, Playback
from landerctl.tui.screens.flight import flight_text
from tests.landerctl.flight.flight_samples import BEGAN, LANDED, descent
from tests.landerctl.flight.test_source import speaking, writing

PATIENCE_S = 30.0
REAL_PATIENCE_S = 400.0  # it may have to compile
ORDER = FlightOrder("newest", 7, note="as in the evaluation")


class Watched:
    """A playback of a script's reports, and whether its process has ended."""

    def __init__(self, tmp_path: Path, *reports: FlightReport, then: str = "") -> None:
        self._script = writing(*reports, then=then)
        self._log = tmp_path / "log"
        self._changed = threading.Condition()
        self.over = threading.Event()
        self.playback = Playback(self.fly, self._notify)

    def fly(self) -> AbstractContextManager[FlightReports]:
        return self._fly()

    @contextmanager
    def _fly(self) -> Iterator[FlightReports]:
        try:
            with speaking(self._script, self._log) as reports:
                yield reports
        finally:
            self.over.set()

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def until_samples(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.playback.samples) >= count, PATIENCE_S)

    def until_over(self) -> None:
        assert self.over.wait(PATIENCE_S)


FLIGHT: tuple[FlightReport, ...] = (BEGAN, *descent(steps=100), LANDED)


def test_a_flight_is_played_to_its_end(tmp_path: Path) -> None:
    watched = Watched(tmp_path, *FLIGHT)
    watched.playback.change_speed(len(SPEEDS))
    watched.playback.start()
    watched.until_over()
    assert len(watched.playback.samples) == 101
    assert watched.playback.ended == LANDED
    text = flight_text(watched.playback, ORDER, 80, 24).plain
    assert "LANDED" in text
    assert "as in the evaluation" in text


def test_a_paused_flight_stays_where_it_is_and_a_stopped_one_ends_its_process(
    tmp_path: Path,
) -> None:
    watched = Watched(tmp_path, *FLIGHT, then=f"time.sleep({PATIENCE_S})")
    watched.playback.paused = True
    watched.playback.start()
    watched.until_samples(1)
    assert "flying; paused" in flight_text(watched.playback, ORDER, 80, 24).plain
    assert len(watched.playback.samples) == 1
    watched.playback.stop()
    watched.until_over()
    assert watched.playback.ended is None


def test_speeds_have_ends(tmp_path: Path) -> None:
    playback = Watched(tmp_path).playback
    assert playback.speed == 1.0
    for by, end in ((1, SPEEDS[-1]), (-1, SPEEDS[0])):
        for _ in SPEEDS:
            playback.change_speed(by)
        assert playback.speed == end


@pytest.mark.parametrize("reports", [(FlightFailed("no such stage"),), ()])
def test_why_it_does_not_fly_is_shown(tmp_path: Path, reports: tuple[FlightReport, ...]) -> None:
    watched = Watched(tmp_path, *reports)
    watched.playback.start()
    watched.until_over()
    watched.playback._thread.join(PATIENCE_S)
    text = flight_text(watched.playback, ORDER, 80, 24).plain
    assert text.startswith("✖ ")
    assert ("no such stage" if reports else "exited before the end of the flight") in text


def test_the_real_process_flies_and_ends_with_the_playback(tmp_path: Path) -> None:
    ended = threading.Event()
    began = threading.Event()

    @contextmanager
    def real() -> Iterator[FlightReports]:
        try:
            with flight_process(["--stage", "1", "--seed", "7"], tmp_path / "log") as reports:
                yield reports
        finally:
            ended.set()

    def notify() -> None:
        if playback.samples:
            began.set()

    playback = Playback(real, notify)
    playback.start()
    assert began.wait(REAL_PATIENCE_S)
    assert playback.began is not None
    assert playback.began.seed == 7
    playback.stop()
    assert ended.wait(PATIENCE_S)
    assert playback.failure is None


def test_before_the_flight_its_start_is_shown(tmp_path: Path) -> None:
    playback = Watched(tmp_path).playback
    assert flight_text(playback, ORDER, 80, 24).plain == "Flying newest, seed 7: starting"
