"""The logs of daemon and trainer. Reads the state folder."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from daemon.base.paths import StatePaths


class LogFile(msgspec.Struct, frozen=True):
    """A log. `problem`: why it cannot be read, one line; empty if it can be."""

    path: str
    size_bytes: int = 0
    problem: str = ""


def logs_of(paths: StatePaths, run_id: str | None) -> tuple[LogFile, ...]:
    """The supervisor's log, and the trainer's of the current run; none without a run."""
    if run_id is None:
        return ()
    return tuple(_log(path) for path in (paths.log, paths.run(run_id).log))


def _log(path: Path) -> LogFile:
    try:
        with path.open("rb") as file:
            file.read(1)
            return LogFile(str(path), os.fstat(file.fileno()).st_size)
    except OSError as error:
        return LogFile(str(path), problem=os.strerror(error.errno or 0))
