"""Times as a user writes them: so long ago, or at a moment."""

from __future__ import annotations

import re
from datetime import datetime

import typer

from landerctl.exitcodes import Exit
from landerctl.failure import Failure

_UNITS_S = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d)")
SINCE = typer.Option(
    help="From so long ago (2h), or from a time (2026-01-31T14:00).", metavar="TIME"
)
UNTIL = typer.Option(help="Up to so long ago, or to a time.", metavar="TIME")


def seconds(text: str) -> float:
    """Of a span such as ``90s``, ``30m``, ``2h``, ``1d``. Raises Failure."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise Failure(f"{text!r} is no time; write 90s, 30m, 2h or 1d", Exit.USAGE)
    return float(match[1]) * _UNITS_S[match[2]]


def moment(text: str, now_s: float) -> float:
    """The Unix time of a span before now, or of a local date and time. Raises Failure."""
    if _SPAN.fullmatch(text.strip()):
        return now_s - seconds(text)
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise Failure(
            f"{text!r} is no time; write 2h for two hours ago, or 2026-01-31T14:00", Exit.USAGE
        ) from None
