"""One process at a time changes a folder of backups, whichever daemon or command it belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import Timeout, UnixFileLock

from daemon.base.files import make_private_folder

LOCK = ".lock"
# A replay buffer takes seconds; a daemon that shares the folder may have a few to copy.
PATIENCE_S = 60.0


class BackupsBusyError(OSError):
    """Another process has been changing the folder for too long. One line for the user."""


@contextmanager
def backups_lock(directory: Path, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Hold the folder's lock; it is made if it is not there. Raises OSError, BackupsBusyError."""
    make_private_folder(directory)
    lock = UnixFileLock(directory / LOCK, timeout=patience_s, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        text = f"{directory}: another landerctl has been changing it for {patience_s:g} s"
        raise BackupsBusyError(text) from None
    try:
        yield
    finally:
        lock.release()
