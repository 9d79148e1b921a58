import time
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest

from daemon.config import load_config
from daemon.config.schema import ReviewKind, ReviewSettings
from daemon.runs.review_schedule import Span, due_span, last_span

HOUR_S = 3600.0
SETTINGS: ReviewSettings = load_config(None).config.reviews
BERLIN = ZoneInfo("Europe/Berlin")


def unix_s(text: str, zone: ZoneInfo = BERLIN) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def reviewed(
    zone: ZoneInfo,
    first: str,
    days: int,
    settings: ReviewSettings = SETTINGS,
    step_s: float = 600.0,
) -> list[Span]:
    """The spans that a daemon reviews which looks every `step_s` for some days."""
    began_s = now_s = unix_s(first, zone)
    found: list[Span] = []
    while now_s < began_s + days * 24 * HOUR_S:
        done = [span.until_s for span in found]
        span = due_span(settings, "daily", now_s, run_began_s=began_s, reviewed_s=done, zone=zone)
        if span is not None:
            found.append(span)
        now_s += step_s
    return found


@pytest.mark.parametrize("at", ["00:00", "02:30", "06:00", "23:59"])
@pytest.mark.parametrize(
    ("name", "first", "hours"),
    [
        ("Europe/Berlin", "2026-03-22T12:00", 23.0),
        ("Europe/Berlin", "2026-10-18T12:00", 25.0),
        ("America/New_York", "2026-03-01T12:00", 23.0),
        ("America/New_York", "2026-10-25T12:00", 25.0),
        ("Australia/Lord_Howe", "2026-09-27T12:00", 23.5),
        ("Australia/Lord_Howe", "2026-03-29T12:00", 24.5),
        ("Asia/Tokyo", "2026-03-22T12:00", 24.0),
    ],
)
def test_a_fortnight_with_a_change_of_daylight_saving(
    name: str, first: str, hours: float, at: str
) -> None:
    zone = ZoneInfo(name)
    spans = reviewed(zone, first, 14, msgspec.structs.replace(SETTINGS, at=at))
    assert len(spans) == 14
    days = [datetime.fromtimestamp(span.until_s, zone).date() for span in spans]
    assert days == [days[0] + timedelta(days=number) for number in range(14)]
    assert all(a.until_s == b.since_s for a, b in pairwise(spans))
    lengths = {(span.until_s - span.since_s) / HOUR_S for span in spans}
    # Only a time that the change skips is shown later: the two days around it share the change.
    assert (
        lengths <= {24.0, hours} if at != "02:30" else all(23.0 <= one <= 25.0 for one in lengths)
    )
    assert sum(span.until_s - span.since_s for span in spans) == pytest.approx(
        (13 * 24 + 24 + (hours - 24.0)) * HOUR_S
    )


@pytest.mark.parametrize(
    ("kind", "slept_until", "span"),
    [
        ("daily", "2026-11-10T17:00", ("2026-11-10T06:00", "2026-11-09T06:00")),
        ("weekly", "2026-11-25T05:00", ("2026-11-23T06:00", "2026-11-16T06:00")),
    ],
)
def test_a_daemon_that_slept_catches_up_once(
    kind: ReviewKind, slept_until: str, span: tuple[str, str]
) -> None:
    began_s, now_s = unix_s("2026-10-01T00:00"), unix_s(slept_until)
    done = [unix_s("2026-11-02T06:00")]
    due = due_span(SETTINGS, kind, now_s, run_began_s=began_s, reviewed_s=done, zone=BERLIN)
    assert due == Span(unix_s(span[1]), unix_s(span[0]))
    done.append(due.until_s)
    for hours in (0, 5):
        later_s = now_s + hours * HOUR_S
        assert (
            due_span(SETTINGS, kind, later_s, run_began_s=began_s, reviewed_s=done, zone=BERLIN)
            is None
        )


def test_a_clock_that_steps_makes_no_second_review() -> None:
    began_s, at_s = unix_s("2026-11-01T00:00"), unix_s("2026-11-10T06:00")
    done = [at_s - 24 * HOUR_S, at_s]

    def due(now_s: float) -> Span | None:
        return due_span(SETTINGS, "daily", now_s, run_began_s=began_s, reviewed_s=done, zone=BERLIN)

    # Three hours back, over the configured time again, and on.
    for hours in (-3.0, -0.1, 0.0, 0.1, 23.9):
        assert due(at_s + hours * HOUR_S) is None
    assert due(at_s + 24 * HOUR_S) is not None


def test_nothing_is_due_before_the_run_or_when_switched_off() -> None:
    now_s = unix_s("2026-11-10T12:00")
    off = msgspec.structs.replace(SETTINGS, daily=False)
    assert due_span(off, "daily", now_s, run_began_s=0.0, reviewed_s=[], zone=BERLIN) is None
    began_s = now_s - HOUR_S
    assert (
        due_span(SETTINGS, "daily", now_s, run_began_s=began_s, reviewed_s=[], zone=BERLIN) is None
    )


def test_a_changed_time_does_not_review_a_day_twice() -> None:
    now_s = unix_s("2026-11-10T19:00")
    earlier = msgspec.structs.replace(SETTINGS, at="05:00")
    assert (
        due_span(
            earlier,
            "daily",
            now_s,
            run_began_s=0.0,
            reviewed_s=[unix_s("2026-11-10T18:00")],
            zone=BERLIN,
        )
        is None
    )


def test_the_local_time_of_the_machine_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        found = last_span(SETTINGS, "daily", unix_s("2026-11-10T12:00"))
        expected = last_span(
            SETTINGS, "daily", unix_s("2026-11-10T12:00"), ZoneInfo("America/New_York")
        )
    finally:
        monkeypatch.undo()
        time.tzset()
    assert found == expected
