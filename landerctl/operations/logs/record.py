"""Log records: a line with time and level, and the lines without them that belong to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, cast, get_args

Level = Literal["debug", "info", "warning", "error", "critical"]
LEVELS: tuple[Level, ...] = get_args(Level)

# The second form of the time is that of logs written before it had a zone: local time.
_DATED = re.compile(
    r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.,]\d{3}(?:[+-]\d\d:\d\d)?) "
    r"(DEBUG|INFO|WARNING|ERROR|CRITICAL) ([\w.]+): ?(.*)",
    re.DOTALL,
)
_FAULTS = ("Traceback (most recent call last)", "Fatal Python error")
_WARNING = re.compile(r"\S+: \w*Warning: ")


class Line(NamedTuple):
    """A line of a file, without its line break: where it begins, and where the next one does."""

    offset: int
    end: int
    text: str

    @property
    def dated(self) -> bool:
        """Whether it has a time: then a record begins here."""
        return self.text[:2].isdigit() and _DATED.match(self.text) is not None


class Place(NamedTuple):
    """A border of records in a log: a file by its inode, and an offset in bytes.

    `order_s`: the time (Unix, s) of what lies before it, for lines there that have none.
    """

    inode: int
    offset: int
    order_s: float | None = None


class Source(NamedTuple):
    """What wrote a log: `supervisor`, `landerctl`, or a run's `trainer` or `tensorboard`."""

    name: str
    run_id: str | None


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A record. `lines[0]` is its text, without time, level and name."""

    source: Source
    place: Place
    end: Place
    time_s: float | None  # Unix; None: its line has no time
    order_s: float  # the time; without one, that of the record it follows
    level: Level  # without one: error for a traceback, warning for a Python warning, else info
    logger: str
    lines: tuple[str, ...]

    @property
    def open(self) -> bool:
        """Whether lines without a time that follow belong to it: it may hold a traceback."""
        return self.level in ("error", "critical")


def group(
    source: Source, inode: int, lines: Sequence[Line], order_s: float | None, otherwise_s: float
) -> list[LogRecord]:
    """The records of successive lines, of which the first begins one.

    Empty and indented lines belong to the record before them; after an error, so do all that have
    no time. `order_s`: the time of the record before; if unknown, records without a time are
    ordered as of the first time here, or else as of `otherwise_s`.
    """
    if order_s is None:
        found = (record_time_s(line.text) for line in lines)
        order_s = next((time_s for time_s in found if time_s is not None), otherwise_s)
    records: list[LogRecord] = []
    at = 0
    while at < len(lines):
        first = lines[at]
        begun = _begin(source, inode, first, order_s)
        order_s = begun.order_s
        stop = at + 1
        while stop < len(lines) and _continues(begun, lines[stop]):
            stop += 1
        texts = [line.text for line in lines[at:stop]]
        while len(texts) > 1 and not texts[-1]:
            texts.pop()
        if stop > at + 1:
            begun = LogRecord(
                source,
                begun.place,
                Place(inode, lines[stop - 1].end, order_s),
                begun.time_s,
                order_s,
                begun.level,
                begun.logger,
                (*begun.lines, *texts[1:]),
            )
        records.append(begun)
        at = stop
    return records


def record_time_s(text: str) -> float | None:
    """The time (Unix, s) that a line begins with."""
    found = _DATED.match(text)
    return None if found is None else _time_s(found[1])


def _begin(source: Source, inode: int, line: Line, order_s: float) -> LogRecord:
    found = _DATED.match(line.text)
    time_s = None if found is None else _time_s(found[1])
    if found is None or time_s is None:
        level: Level = "info"
        if line.text.startswith(_FAULTS):
            level = "error"
        elif _WARNING.match(line.text):
            level = "warning"
        place, end = Place(inode, line.offset), Place(inode, line.end, order_s)
        return LogRecord(source, place, end, None, order_s, level, "", (line.text,))
    place, end = Place(inode, line.offset), Place(inode, line.end, time_s)
    level = cast(Level, found[2].lower())
    return LogRecord(source, place, end, time_s, time_s, level, found[3], (found[4],))


def _time_s(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return None  # such as February 30


def _continues(begun: LogRecord, line: Line) -> bool:
    if line.dated:
        return False
    if not line.text or line.text[0].isspace():
        return True
    # A crash of the interpreter is an event of its own, whatever was logged last.
    return begun.open and not line.text.startswith(_FAULTS[1])


def source_label(source: Source) -> str:
    """``supervisor``, or ``trainer ed3e``: a run by the last characters of its id."""
    return source.name if source.run_id is None else f"{source.name} {source.run_id[-4:]}"
