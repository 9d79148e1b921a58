"""Times as arguments: a time span ago, a time of day, or a date and time."""

from __future__ import annotations

import typer

from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.presentation.moments import SPAN, UNITS_S, parse_moment

SINCE = typer.Option(help="Start: an age (2h) or a time (2026-01-31T14:00).", metavar="TIME")
UNTIL = typer.Option(help="End: an age or a time.", metavar="TIME")


def seconds(text: str) -> float:
    """Seconds of a time span such as ``90s``, ``30m``, ``2h``, ``1d``. Raises Failure."""
    match = SPAN.fullmatch(text.strip())
    if match is None:
        raise Failure(f"{text!r} is not a duration; write 90s, 30m, 2h or 1d", Exit.USAGE)
    return float(match[1]) * UNITS_S[match[2]]


def moment(text: str, now_s: float) -> float:
    """Unix time (s) of a time span before `now_s`, or of a local time. Raises Failure."""
    try:
        return parse_moment(text, now_s)
    except ValueError as error:
        raise Failure(str(error), Exit.USAGE) from None
