"""A window on the logs. Used in the feed's thread only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from daemon.base.paths import StatePaths
from landerctl.operations.logs.reader import SOURCES, LogFilter, LogReader, SourceName
from landerctl.operations.logs.record import LogRecord, Place, Source
from landerctl.tui.data.windows.window import CHUNK, MAX_RECORDS, Wanted, Window

# Records that are looked at in one read, of which a filter may accept few: some tenths of a second.
MAX_SCANNED = 20_000
# So many are searched for at the opening, however far back they are.
ENOUGH = 60


@dataclass(frozen=True)
class LogsWanted:
    """Which records the page shows."""

    filter: LogFilter = LogFilter()  # noqa: RUF009  immutable
    names: tuple[SourceName, ...] = SOURCES


class LogWindow:
    """Reads the part of the logs that a page shows, and follows their end."""

    def __init__(self, paths: StatePaths) -> None:
        self._paths = paths
        self._wanted: Wanted[LogsWanted] | None = None
        self._begin(Wanted(-1, LogsWanted()), None)

    def read(self, wanted: Wanted[LogsWanted], until_s: float | None) -> Window[LogRecord]:
        """What is wanted now; nothing later than `until_s` (Unix, s). Raises OSError."""
        last = self._wanted
        if last is None or wanted.serial != last.serial or until_s != self._until_s:
            self._begin(wanted, until_s)
            self._open(wanted.at_s if until_s is None else None)
        elif wanted.older > last.older or self._searching:
            self._load_older()
        elif wanted.newer > last.newer:
            self._load_newer()
        if self._at_end and until_s is None:
            self._keep_newest(self._accepted(self._grown()))
        self._wanted = wanted
        return Window(
            wanted.serial, tuple(self._records), self._at_start, self._at_end, self._searching
        )

    def _begin(self, wanted: Wanted[LogsWanted], until_s: float | None) -> None:
        self._until_s = until_s
        self._filter = replace(wanted.filter.filter, until_s=until_s)
        self._reader = LogReader(self._paths, names=wanted.filter.names)
        self._records: list[LogRecord] = []
        self._top: dict[Source, Place] = {}
        self._bottom: dict[Source, Place] = {}
        self._at_start = self._at_end = self._searching = False

    def _open(self, at_s: float | None) -> None:
        if at_s is not None:
            self._bottom = self._reader.at(at_s)
        elif self._until_s is not None:
            self._bottom = self._reader.at(self._until_s)
        else:
            self._bottom = self._reader.end()
        self._top = dict(self._bottom)
        self._at_end = at_s is None
        if at_s is not None:
            self._load_newer()
        self._load_older()

    def _load_older(self) -> None:
        found: list[LogRecord] = []
        scanned = 0
        for record in islice(self._reader.back(self._top), MAX_SCANNED):
            scanned += 1
            self._top[record.source] = record.place
            if self._filter.accepts(record):
                found.append(record)
                if len(found) == CHUNK:
                    break
        self._at_start = len(found) < CHUNK and scanned < MAX_SCANNED
        self._records = found[::-1] + self._records
        self._searching = not self._at_start and len(self._records) < ENOUGH
        dropped = self._records[MAX_RECORDS:]
        if dropped:
            del self._records[MAX_RECORDS:]
            self._bottom |= {record.source: record.place for record in reversed(dropped)}
            self._at_end = False

    def _load_newer(self) -> None:
        found: list[LogRecord] = []
        scanned = 0
        for record in islice(self._reader.forward(self._bottom), MAX_SCANNED):
            scanned += 1
            self._bottom[record.source] = record.end
            if self._filter.accepts(record):
                found.append(record)
                if len(found) == CHUNK:
                    break
        self._at_end = len(found) < CHUNK and scanned < MAX_SCANNED
        self._keep_newest(found)

    def _grown(self) -> Iterator[LogRecord]:
        for record in self._reader.grown(self._bottom):
            self._bottom[record.source] = record.end
            yield record

    def _accepted(self, records: Iterable[LogRecord]) -> list[LogRecord]:
        return [record for record in records if self._filter.accepts(record)]

    def _keep_newest(self, newer: list[LogRecord]) -> None:
        self._records += newer
        # Seldom, for all rows are then laid out anew.
        if len(self._records) > MAX_RECORDS + CHUNK:
            dropped = self._records[:-MAX_RECORDS]
            del self._records[:-MAX_RECORDS]
            self._top |= {record.source: record.end for record in dropped}
            self._at_start = False
