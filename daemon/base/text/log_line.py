"""The form of a log line: time with its zone, level, name, text."""

from __future__ import annotations

from datetime import datetime


def stamp(time_s: float) -> str:
    """A Unix time (s) as local time, with its distance from UTC: clocks are put back in autumn."""
    return datetime.fromtimestamp(time_s).astimezone().isoformat(sep=" ", timespec="milliseconds")


def log_line(time_s: float, level: str, name: str, text: str) -> str:
    """A line as `logging` writes it here, without a line break."""
    return f"{stamp(time_s)} {level} {name}: {text}"
