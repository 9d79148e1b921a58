"""Parses times: a time span ago, or a date and time."""

from __future__ import annotations

import re
from datetime import datetime

import typer

from landerctl.exitcodes import Exit
from landerctl.failure import Failure

_UNITS_S = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d)")
SINCE = typer.Option(help="Start: an age (2h) or a time (2026-01-31T14:00).", metavar="TIME")
UNTIL = typer.Option(help="End: an age or a time.", metavar="TIME")


def seconds(text: str) -> float:
    """Seconds of a time span such as ``90s``, ``30m``, ``2h``, ``1d``. Raises Failure."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise Failure(f"{text!r} is not a duration; write 90s, 30m, 2h or 1d", Exit.USAGE)
    return float(match[1]) * _UNITS_S[match[2]]


def moment(text: str, now_s: float) -> float:
    """Unix time (s) of a time span before `now_s`, or of a local date and time. Raises Failure."""
    if _SPAN.fullmatch(text.strip()):
        return now_s - seconds(text)
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise Failure(
            f"{text!r} is not a time; write 2h for two hours ago, or 2026-01-31T14:00", Exit.USAGE
        ) from None
