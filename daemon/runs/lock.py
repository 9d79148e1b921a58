"""The lock of the folder of runs: one process creates, edits or removes runs at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import Timeout, UnixFileLock

from daemon.base.paths import StatePaths

# A fork copies a replay buffer, a removal unlinks tens of thousands of files: both take seconds.
TIMEOUT_S = 60.0


class RunsBusyError(OSError):
    """The lock was not free in time. The message is one line for the user."""


@contextmanager
def runs_lock(paths: StatePaths, timeout_s: float = TIMEOUT_S) -> Iterator[None]:
    """Hold the lock; the state folder exists. Raises OSError, RunsBusyError."""
    lock = UnixFileLock(paths.runs_lock, timeout=timeout_s, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        text = f"{paths.runs}: locked by another landerctl for {timeout_s:g} s; try again later"
        raise RunsBusyError(text) from None
    try:
        yield
    finally:
        lock.release()
