"""Parses a moment as people write it: a time of day, a date and time, or a time span ago. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

UNITS_S = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d)")
_CLOCK = re.compile(r"(?:(today|yesterday)\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?")
EXAMPLES = "2h for two hours ago, 03:12, yesterday 22:00, or 2026-01-31T14:00"


def parse_moment(text: str, now_s: float) -> float:
    """Unix time (s) of a moment before `now_s`, in local time. Raises ValueError.

    ``2h`` and ``-2h`` are two hours ago; ``03:12`` is the last time at which a clock showed it.
    """
    written = text.strip()
    if span := SPAN.fullmatch(written.removeprefix("-").removesuffix("ago").strip()):
        return now_s - float(span[1]) * UNITS_S[span[2]]
    try:
        if clock := _CLOCK.fullmatch(written.lower()):
            return _of_clock(clock, datetime.fromtimestamp(now_s))
        return datetime.fromisoformat(written).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a time; write {EXAMPLES}") from None


def _of_clock(match: re.Match[str], now: datetime) -> float:
    day, hour, minute, second = match.groups()
    at = now.replace(hour=int(hour), minute=int(minute), second=int(second or 0), microsecond=0)
    if day == "yesterday" or (day is None and at > now):
        at -= timedelta(days=1)
    return at.timestamp()
