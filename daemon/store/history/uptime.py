"""When a daemon ran, and how it ended: from the sessions and events of the store. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from daemon.store.records import Event

Running = Literal["never-started", "running", "stopped", "died"]
BOUNDS = ("daemon.started", "daemon.stopped", "daemon.recovered")  # events of starts and ends
# A start records its session and its events within this time.
SAME_START_S = 5.0


@dataclass(frozen=True)
class Uptime:
    """Whether a daemon ran at a time. Times are Unix seconds."""

    running: Running
    began_s: float | None  # the start of the last session until then
    ended_s: float | None  # when it stopped or died, if before
    reason: str = ""  # of a stop


def uptime_at(
    at_s: float,
    starts_s: Sequence[float],
    bounds: Sequence[Event],
    last_sign_s: Callable[[float, float], float],
    *,
    runs_now: bool,
) -> Uptime:
    """Whether a daemon ran at `at_s` (Unix).

    `starts_s`: starts of all sessions; `bounds`: all events named in BOUNDS; `runs_now`: whether a
    daemon runs at this moment; `last_sign_s(a, b)`: time of the last record between two times, `a`
    if there is none.
    """
    begun = [start_s for start_s in starts_s if start_s <= at_s]
    if not begun:
        return Uptime("never-started", None, None)
    began_s = max(begun)
    next_s = min((start_s for start_s in starts_s if start_s > at_s), default=None)
    for event in bounds:
        if event.name == "daemon.stopped" and began_s <= event.time_s <= at_s:
            return Uptime("stopped", began_s, event.time_s, str(event.body.get("reason") or ""))
    stops = any(e.name == "daemon.stopped" and _within(e, at_s, next_s) for e in bounds)
    if stops:
        return Uptime("running", began_s, None)
    died_before_s = next(
        (e.time_s for e in bounds if e.name == "daemon.recovered" and _within(e, at_s, next_s)),
        None if next_s is not None or runs_now else float("inf"),
    )
    if died_before_s is not None:
        sign_s = last_sign_s(began_s, died_before_s)
        if sign_s < at_s:
            return Uptime("died", began_s, sign_s)
    return Uptime("running", began_s, None)


def _within(event: Event, at_s: float, next_s: float | None) -> bool:
    return at_s < event.time_s and (next_s is None or event.time_s <= next_s + SAME_START_S)
