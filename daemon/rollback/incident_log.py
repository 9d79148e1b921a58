"""Reads `incidents.md`: its entries, each with an id that is made of its heading.

Rollbacks and `landerctl incident open` write entries; people may write their own below a heading of
the second level.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from daemon.base.text.one_line import one_line

_HEADING = "## "
_TIMED = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) ([+-]\d{4}): (.*)")
_ID_LENGTH = 8  # of the digest of a heading without a time


class LoggedIncident(msgspec.Struct, frozen=True):
    """An entry. `text`: its lines below the heading."""

    id: str  # its time in UTC, as 20261129-064512; else a digest of its heading
    title: str
    time_s: float | None  # Unix; None: its heading has none
    text: str


def incident_id(time_s: float) -> str:
    """The id of an entry with this time (Unix): ``20261129-064512``."""
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y%m%d-%H%M%S")


def heading(time_s: float, title: str) -> str:
    """The first line of an entry; in local time (Unix `time_s`)."""
    return f"{_HEADING}{local_time(time_s)}: {one_line(title)}"


def local_time(time_s: float) -> str:
    """Unix time as ``2026-11-29 06:45:12 +0000``, in local time."""
    return datetime.fromtimestamp(time_s).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def read_incident_log(path: Path) -> tuple[LoggedIncident, ...]:
    """The entries in order; none if there is no file. Raises OSError."""
    try:
        return parse(path.read_text("utf-8", errors="replace"))
    except FileNotFoundError:
        return ()


def parse(content: str) -> tuple[LoggedIncident, ...]:
    """The entries of the file's content. Those of one second are numbered: ``...-2``."""
    found: list[LoggedIncident] = []
    taken: dict[str, int] = {}
    for part in re.split(rf"^{_HEADING}", content, flags=re.MULTILINE)[1:]:
        first, _, text = part.partition("\n")
        entry = _entry(first.strip(), text.strip())
        count = taken[entry.id] = taken.get(entry.id, 0) + 1
        if count > 1:
            entry = msgspec.structs.replace(entry, id=f"{entry.id}-{count}")
        found.append(entry)
    return tuple(found)


def _entry(first: str, text: str) -> LoggedIncident:
    timed = _TIMED.fullmatch(first)
    if timed is not None:
        try:
            time_s = datetime.fromisoformat(f"{timed[1]}{timed[2]}").timestamp()
        except ValueError:  # the 31st of June
            pass
        else:
            return LoggedIncident(incident_id(time_s), timed[3], time_s, text)
    digest = hashlib.sha256(first.encode("utf-8", "replace")).hexdigest()[:_ID_LENGTH]
    return LoggedIncident(digest, first, None, text)
