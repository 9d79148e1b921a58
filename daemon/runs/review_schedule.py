"""When which review is due, in local time. Pure; `zone` None: the machine's local time.

A review's span ends at the configured time of a day and begins at that of the day, or of the week,
before: days of 23 and 25 hours at a change of daylight saving are whole days.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from typing import get_args

import msgspec

from daemon.config.schema import ReviewKind, ReviewSettings, Weekday

KINDS: tuple[ReviewKind, ...] = get_args(ReviewKind)
_WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
_DAY = timedelta(days=1)


class Span(msgspec.Struct, frozen=True):
    """From `since_s` on and before `until_s` (Unix)."""

    since_s: float
    until_s: float


def last_span(
    settings: ReviewSettings, kind: ReviewKind, now_s: float, zone: tzinfo | None = None
) -> Span:
    """The newest day or week that is over at `now_s` (Unix)."""
    until_s = _last(settings, kind, now_s, zone)
    return span_until(settings, kind, until_s, zone)


def span_until(
    settings: ReviewSettings, kind: ReviewKind, until_s: float, zone: tzinfo | None = None
) -> Span:
    """The day or week that ends at `until_s` (Unix), one of the configured moments."""
    return Span(_last(settings, kind, until_s - 1.0, zone), until_s)


def span_before(kind: ReviewKind, until_s: float, zone: tzinfo | None = None) -> Span:
    """The day or week before any time (Unix): since the same local time then."""
    length = 7 * _DAY if kind == "weekly" else _DAY
    since = datetime.fromtimestamp(until_s, zone).replace(fold=0) - length
    return Span(since.timestamp(), until_s)


def due_span(
    settings: ReviewSettings,
    kind: ReviewKind,
    now_s: float,
    *,
    run_began_s: float,
    reviewed_s: Iterable[float],
    zone: tzinfo | None = None,
) -> Span | None:
    """The span of a review that is due at `now_s` (Unix), None if none is.

    Only the newest span is: a daemon that slept for a week catches up once. `reviewed_s`: the ends
    of earlier reviews of the run. Those after `now_s` are of a clock that was set back since; they
    count again when it reaches them. `run_began_s`: nothing is due of the time before.
    """
    if not getattr(settings, kind):
        return None
    span = last_span(settings, kind, now_s, zone)
    if span.until_s <= run_began_s or any(span.until_s <= end_s <= now_s for end_s in reviewed_s):
        return None
    return span


def _last(settings: ReviewSettings, kind: ReviewKind, now_s: float, zone: tzinfo | None) -> float:
    """The newest configured moment at or before `now_s` (Unix)."""
    weekday = _WEEKDAYS.index(settings.weekly_on) if kind == "weekly" else None
    day = datetime.fromtimestamp(now_s, zone).date() + _DAY
    while True:
        day -= _DAY
        if weekday in (None, day.weekday()):
            moment_s = _moment_s(settings.at, day, zone)
            if moment_s <= now_s:
                return moment_s


def _moment_s(at: str, day: date, zone: tzinfo | None) -> float:
    """The Unix time at which a day's local clocks first show `at`.

    A time that a change to daylight saving skips is that much later (PEP 495, fold 0).
    """
    hour, minute = (int(part) for part in at.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).timestamp()
