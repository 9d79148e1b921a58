from __future__ import annotations

import pytest

from daemon.store.history.uptime import Uptime, uptime_at
from daemon.store.records import Event


def event(name: str, time_s: float, reason: str = "") -> Event:
    return Event(0, time_s, name, "info", None, "", {"reason": reason} if reason else {})


# Ran from 100 to 200, stopped; from 300, died at 380; from 500 to now.
STARTS_S = [100.0, 300.0, 500.0]
BOUNDS = [
    event("daemon.started", 100.1),
    event("daemon.stopped", 200.0, "on request"),
    event("daemon.started", 300.1),
    event("daemon.recovered", 499.9),
    event("daemon.started", 500.1),
]


def last_sign_s(since_s: float, until_s: float) -> float:
    signs = [140.0, 199.0, 310.0, 380.0, 510.0, 900.0]
    return max((sign for sign in signs if since_s <= sign < until_s), default=since_s)


@pytest.mark.parametrize(
    ("at_s", "expected"),
    [
        (50.0, Uptime("never-started", None, None)),
        (150.0, Uptime("running", 100.0, None)),
        (250.0, Uptime("stopped", 100.0, 200.0, "on request")),
        (350.0, Uptime("running", 300.0, None)),
        (450.0, Uptime("died", 300.0, 380.0)),
        (600.0, Uptime("running", 500.0, None)),
    ],
)
def test_the_daemon_at_six_times(at_s: float, expected: Uptime) -> None:
    assert uptime_at(at_s, STARTS_S, BOUNDS, last_sign_s, runs_now=True) == expected


def test_a_daemon_that_died_and_was_not_started_again() -> None:
    at = [uptime_at(at_s, STARTS_S, BOUNDS, last_sign_s, runs_now=False) for at_s in (899.0, 901.0)]
    assert at == [Uptime("running", 500.0, None), Uptime("died", 500.0, 900.0)]


def test_a_restart_whose_events_are_expired_is_no_death() -> None:
    assert uptime_at(150.0, [100.0, 300.0], [], last_sign_s, runs_now=True).running == "running"
