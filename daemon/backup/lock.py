"""The lock of a folder of backups: one process, daemon or command, changes it at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import Timeout, UnixFileLock

from daemon.base.files import make_private_folder

LOCK = ".lock"
# Copying a replay buffer takes seconds; a daemon that shares the folder may copy a few.
TIMEOUT_S = 60.0


class BackupsBusyError(OSError):
    """The lock was not free in time. The message is one line for the user."""


@contextmanager
def backups_lock(directory: Path, timeout_s: float = TIMEOUT_S) -> Iterator[None]:
    """Create the folder, not its parents, and hold its lock. Raises OSError, BackupsBusyError."""
    make_private_folder(directory)
    lock = UnixFileLock(directory / LOCK, timeout=timeout_s, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        text = f"{directory}: locked by another landerctl for {timeout_s:g} s; try again later"
        raise BackupsBusyError(text) from None
    try:
        yield
    finally:
        lock.release()
