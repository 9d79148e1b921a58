"""The logs of a state folder merged by time."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

from daemon.base.paths import StatePaths
from landerctl.operations.logs.log import Log
from landerctl.operations.logs.record import LEVELS, Level, LogRecord, Place, Source

SourceName = Literal["supervisor", "landerctl", "trainer", "tensorboard"]
SOURCES: tuple[SourceName, ...] = get_args(SourceName)
# Where the reading of each log is; a log that is not in it is read from its beginning.
Cursor = Mapping[Source, Place]
# Of a log that has grown by more than this many records, the rest is left for the next time.
MAX_FOLLOWED = 5_000


@dataclass(frozen=True)
class LogFilter:
    """Which records are wanted. Times are Unix seconds."""

    level: Level = "debug"  # and those more severe
    text: re.Pattern[str] | None = None  # found in one of its lines, or in what wrote it
    until_s: float | None = None

    def accepts(self, record: LogRecord) -> bool:
        """Whether the record is wanted."""
        if LEVELS.index(record.level) < LEVELS.index(self.level):
            return False
        if self.until_s is not None and record.order_s > self.until_s:
            return False
        return self.text is None or any(
            self.text.search(line) for line in (*record.lines, record.logger)
        )


class LogReader:
    """Reads the logs of the named sources; of one run, or of all of them. Not thread-safe."""

    def __init__(
        self,
        paths: StatePaths,
        *,
        names: Iterable[SourceName] = SOURCES,
        run_id: str | None = None,
    ) -> None:
        self._paths = paths
        self._names = frozenset(names)
        self._run_id = run_id
        self._logs: dict[Source, Log] = {}
        self._runs_listed: tuple[int, int] | None = None
        self._runs: tuple[str, ...] = ()
        self._seen: dict[Source, tuple[int, int]] = {}
        self._held: dict[Source, Place] = {}

    @property
    def bytes_read(self) -> int:
        """What was read of the files so far."""
        return sum(log.bytes_read for log in self._logs.values())

    def logs(self) -> list[Log]:
        """The logs that may exist now: a new run adds its own. Raises OSError."""
        paths = self._paths
        found: list[tuple[Source, Path]] = []
        if self._run_id is None:
            found.append((Source("supervisor", None), paths.log))
            found.append((Source("landerctl", None), paths.operator_log))
        for run_id in self._list_runs() if self._run_id is None else (self._run_id,):
            run = paths.run(run_id)
            found.append((Source("trainer", run_id), run.log))
            found.append((Source("tensorboard", run_id), run.tensorboard_log))
        return [
            self._logs.setdefault(source, Log(source, path))
            for source, path in found
            if source.name in self._names
        ]

    def end(self) -> dict[Source, Place]:
        """The end of all logs. Raises OSError."""
        ends = {log.source: log.end() for log in self.logs()}
        return {source: place for source, place in ends.items() if place is not None}

    def at(self, time_s: float) -> dict[Source, Place]:
        """The first records of this time (Unix, s) or later. Raises OSError."""
        places = {log.source: log.place_of(time_s) for log in self.logs()}
        return {source: place for source, place in places.items() if place is not None}

    def back(self, before: Cursor) -> Iterator[LogRecord]:
        """The records before the places of a cursor, newest first. Raises OSError."""
        logs = [log.back(before[log.source]) for log in self.logs() if log.source in before]
        return heapq.merge(*reversed(logs), key=_order_s, reverse=True)

    def forward(self, start: Cursor) -> Iterator[LogRecord]:
        """The records from a cursor on, oldest first. Raises OSError."""
        logs = [log.forward(start.get(log.source)) for log in self.logs()]
        return heapq.merge(*logs, key=_order_s)

    def grown(self, since: Cursor) -> list[LogRecord]:
        """What was written since a cursor, for calls in regular intervals. Raises OSError.

        A last line without a line break is returned once its log has not grown since the last call;
        an error at the end, whose traceback may still be written, one call later.
        """
        found: list[list[LogRecord]] = []
        for log in self.logs():
            end, place = log.end(), since.get(log.source)
            if end is None:
                continue
            mark = (end.inode, end.offset)
            settled = self._seen.get(log.source) == mark
            self._seen[log.source] = mark
            if place is not None and (place.inode, place.offset) == mark:
                continue
            records = list(islice(log.forward(place, partial=settled), MAX_FOLLOWED))
            if records and records[-1].open and self._held.get(log.source) != records[-1].place:
                self._held[log.source] = records.pop().place
            found.append(records)
        return list(heapq.merge(*found, key=_order_s))

    def _list_runs(self) -> tuple[str, ...]:
        with suppress(FileNotFoundError):
            stat = self._paths.runs.stat()
            stamp = (stat.st_ino, stat.st_mtime_ns)
            if stamp != self._runs_listed:
                names = sorted(path.name for path in self._paths.runs.iterdir())
                self._runs = tuple(name for name in names if not name.startswith("."))
                self._runs_listed = stamp
        return self._runs


def _order_s(record: LogRecord) -> float:
    return record.order_s
