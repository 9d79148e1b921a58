"""The record of the wall clock in a state folder: `clock.json`.

The daemon keeps it; a person's confirmation replaces it. Without one, the newest dates in the
folder say what the clock must not contradict.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from daemon.base.clocks.trust import (
    ClockRecord,
    Look,
    confirmed,
    deviation_s,
    first_record,
    observe,
)
from daemon.base.files import write_atomically
from daemon.base.malformed import MALFORMED

WRITE_INTERVAL_S = 600.0  # while nothing changes


def read_clock_record(path: Path) -> ClockRecord | None:
    """The record as last written; None if there is none or it is damaged. Raises OSError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=ClockRecord)
    except (FileNotFoundError, NotADirectoryError, *MALFORMED):
        return None


def judge_clock(
    known: ClockRecord | None, now: Look, newest_s: Callable[[], float | None]
) -> ClockRecord:
    """The record as of `now`. `newest_s` is asked for the newest date (Unix) if none is known."""
    return first_record(newest_s(), now) if known is None else observe(known, now)


def observe_clock(
    path: Path, now: Look, newest_s: Callable[[], float | None]
) -> tuple[ClockRecord | None, ClockRecord]:
    """Look at the clock and keep the record; returns it as it was and as it is. Raises OSError."""
    with _locked(path):
        known = read_clock_record(path)
        record = judge_clock(known, now, newest_s)
        if known is None or _worth_writing(known, record):
            write_atomically(path, msgspec.json.encode(record))
    return known, record


def confirm_clock(path: Path, now: Look) -> ClockRecord:
    """Record that a person has confirmed the clock. Raises OSError."""
    with _locked(path):
        record = confirmed(now)
        write_atomically(path, msgspec.json.encode(record))
    return record


def _worth_writing(known: ClockRecord, record: ClockRecord) -> bool:
    changed = known.jump != record.jump or known.last.boot_id != record.last.boot_id
    stepped = deviation_s(known.last, record.last) != 0.0
    return changed or stepped or record.last.boot_s - known.last.boot_s >= WRITE_INTERVAL_S


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the folder's lock: a confirmation must not be overwritten by a look of the daemon."""
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
