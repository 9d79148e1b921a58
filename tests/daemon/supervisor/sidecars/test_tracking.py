"""What the reports of the process that tracks become."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from daemon.config import load_config
from daemon.supervisor.context import Context
from daemon.supervisor.sidecars.tracking import SupervisedTracker
from daemon.tracking.protocol import Report

SERVER = "http://h:5000"


class _Recorder:
    """Keeps the names of events."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def event(self, name: str, text: str, **_: Any) -> None:
        self.names.append(name)

    def tracking(self, status: object) -> None:
        """Does nothing."""


def tracker() -> tuple[SupervisedTracker, _Recorder]:
    recorder = _Recorder()
    context = SimpleNamespace(
        paths=SimpleNamespace(home="home"),
        run=SimpleNamespace(id="run"),
        recorder=recorder,
        clock=lambda: SimpleNamespace(unix_s=1000.0, monotonic_s=1000.0),
    )
    config = load_config(None).config
    found = SupervisedTracker(config.tracking, cast("Context", context), config.supervision)
    return found, recorder


def test_an_outage_of_a_part_is_recorded_once_not_with_each_try() -> None:
    found, recorder = tracker()
    for sent in (1000, 2000, 3000):
        found._handle(Report(SERVER, sent=sent, unfinished=True))
        found._handle(Report(SERVER, sent=sent, problem="files are refused"))
    assert recorder.names == ["tracking.failed"]
    assert (found.status.sent, found.status.problem) == (3000, "files are refused")
    found._handle(Report(SERVER, sent=3000))
    assert recorder.names == ["tracking.failed", "tracking.recovered"]
