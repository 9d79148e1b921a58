"""One log as a sequence of records, read from any place in either direction."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from landerctl.operations.logs.files import (
    LogFile,
    lines_back,
    lines_forward,
    log_files,
    opened,
)
from landerctl.operations.logs.record import (
    Line,
    LogRecord,
    Place,
    Source,
    group,
    record_time_s,
)

# Lines without a time that are read at once, to find the record they follow.
MAX_UNDATED = 2_000
# A search by time halves the file until this much is left.
SEARCH_BYTES = 16 * 1024
# As far it looks for a line with a time.
MAX_SEARCH_BYTES = 1024 * 1024


class Log:
    """Reads one log. `bytes_read` counts what was read of its files."""

    def __init__(self, source: Source, path: Path) -> None:
        self.source = source
        self.path = path
        self.bytes_read = 0

    def end(self) -> Place | None:
        """The place behind the newest line; None: there is no log. Raises OSError."""
        files = log_files(self.path)
        return Place(files[-1].inode, files[-1].size_bytes) if files else None

    def back(self, before: Place) -> Iterator[LogRecord]:
        """The records before a place, newest first. Raises OSError."""
        files = log_files(self.path)
        at = _index(files, before)
        if at is None:
            return
        for file in reversed(files[: at + 1]):
            end = min(before.offset, file.size_bytes) if file is files[at] else file.size_bytes
            yield from self._file_back(file, end)

    def forward(self, start: Place | None, *, partial: bool = True) -> Iterator[LogRecord]:
        """The records from a place on, oldest first; None: from the oldest file on.

        So also from a place whose file is gone; one that was truncated is read anew. `partial`:
        also a last line without a line break. Raises OSError.
        """
        files = log_files(self.path)
        at = _index(files, start) if start is not None else None
        for index, file in enumerate(files if at is None else files[at:]):
            offset, order_s = 0, None
            if start is not None and at is not None and index == 0:
                offset, order_s = start.offset, start.order_s
            if offset > file.size_bytes:
                offset, order_s = 0, None
            yield from self._file_forward(file, offset, order_s, partial)

    def place_of(self, time_s: float) -> Place | None:
        """The first record of this time (Unix, s) or later; None: there is no log.

        Found by halving: it takes the times for ascending, as all do that no clock jump moved.
        Raises OSError.
        """
        files = log_files(self.path)
        for file in reversed(files):
            if file.written_s < time_s:
                return Place(file.inode, file.size_bytes)
            with opened(file) as descriptor:
                if descriptor is None:
                    continue
                first = self._next_dated(descriptor, 0, file.size_bytes)
                begins_before = first is not None and first[1] < time_s
                if begins_before or (first is None and file is files[0]):
                    return Place(file.inode, self._offset_of(descriptor, file.size_bytes, time_s))
        return Place(files[0].inode, 0) if files else None

    def _file_back(self, file: LogFile, end: int) -> Iterator[LogRecord]:
        with opened(file) as descriptor:
            if descriptor is None:
                return
            pending: list[Line] = []
            otherwise_s = file.written_s
            for line in lines_back(self._read, descriptor, end):
                pending.append(line)
                if line.dated or len(pending) >= MAX_UNDATED:
                    records = group(self.source, file.inode, pending[::-1], None, otherwise_s)
                    otherwise_s = records[0].order_s
                    yield from reversed(records)
                    pending.clear()
            if pending:
                yield from reversed(
                    group(self.source, file.inode, pending[::-1], None, otherwise_s)
                )

    def _file_forward(
        self, file: LogFile, start: int, order_s: float | None, partial: bool
    ) -> Iterator[LogRecord]:
        with opened(file) as descriptor:
            if descriptor is None:
                return
            pending: list[Line] = []
            lines = lines_forward(self._read, descriptor, start, file.size_bytes, partial=partial)
            for line in lines:
                if pending and (line.dated or len(pending) >= MAX_UNDATED):
                    if order_s is None and not pending[0].dated:
                        order_s = record_time_s(line.text)
                    records = group(self.source, file.inode, pending, order_s, file.written_s)
                    order_s = records[-1].order_s
                    yield from records
                    pending = []
                pending.append(line)
            if pending:
                yield from group(self.source, file.inode, pending, order_s, file.written_s)

    def _offset_of(self, descriptor: int, size: int, time_s: float) -> int:
        low, high = 0, size
        while high - low > SEARCH_BYTES:
            middle = (low + high) // 2
            found = self._next_dated(descriptor, middle, high)
            if found is None or found[1] >= time_s:
                high = middle
            else:
                low = found[0]
        for line in lines_forward(self._read, descriptor, low, size, partial=True):
            at_s = record_time_s(line.text)
            if at_s is not None and at_s >= time_s:
                return line.offset
        return size

    def _next_dated(self, descriptor: int, start: int, end: int) -> tuple[int, float] | None:
        """Offset and time of the first dated line that begins after `start`, or at 0.

        None if there is none in the next MAX_SEARCH_BYTES.
        """
        end = min(end, start + MAX_SEARCH_BYTES)
        whole = start == 0  # elsewhere it is the rest of a line
        for line in lines_forward(self._read, descriptor, start, end, partial=True):
            if whole and (time_s := record_time_s(line.text)) is not None:
                return line.offset, time_s
            whole = True
        return None

    def _read(self, descriptor: int, size: int, offset: int) -> bytes:
        block = os.pread(descriptor, size, offset)
        self.bytes_read += len(block)
        return block


def _index(files: Sequence[LogFile], place: Place) -> int | None:
    return next((at for at, file in enumerate(files) if file.inode == place.inode), None)
