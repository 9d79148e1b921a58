"""Each loss of samples becomes one event, whichever daemon counted it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from daemon.config import load_config
from daemon.supervisor.context import Context
from daemon.supervisor.sidecars.tracking import SupervisedTracker
from daemon.tracking.protocol import Report

SERVER = "http://h:5000"


class _Recorder:
    """Keeps the counts of the events."""

    def __init__(self) -> None:
        self.counts: list[object] = []

    def event(self, name: str, text: str, *, body: dict[str, object]) -> None:
        self.counts.append(body["count"])

    def tracking(self, status: object) -> None:
        """Does nothing."""


def test_what_was_lost_before_this_daemon_is_recorded_no_second_time() -> None:
    recorder = _Recorder()
    context: Any = SimpleNamespace(
        paths=SimpleNamespace(home="home"),
        run=SimpleNamespace(id="run"),
        recorder=recorder,
        clock=lambda: SimpleNamespace(unix_s=1000.0, monotonic_s=1000.0),
    )
    config = load_config(None).config
    found = SupervisedTracker(config.tracking, cast("Context", context), config.supervision)
    found._handle(Report(SERVER, lost=500, lost_before=500))
    assert recorder.counts == []
    found._handle(Report(SERVER, lost=507, lost_before=500))
    found._handle(Report(SERVER, lost=507, lost_before=507))  # its process was restarted
    assert recorder.counts == [7]
