"""Which process holds the daemon's kernel lock. A pid file alone may be stale."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.paths import StatePaths


class DaemonIdentity(msgspec.Struct, frozen=True):
    """Written by the supervisor once it holds the lock."""

    pid: int
    started_s: float  # Unix time
    boot_id: str


def boot_id() -> str:
    """The kernel's id of this boot."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def lock_is_held(paths: StatePaths) -> bool:
    """Whether a running supervisor holds the lock (flock, as filelock does)."""
    return flock_is_held(paths.lock)


def flock_is_held(path: Path) -> bool:
    """Whether a running process holds an exclusive flock on a file. Raises OSError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def read_identity(paths: StatePaths) -> DaemonIdentity | None:
    """The last holder's identity; None if there was none or the file is damaged."""
    try:
        return msgspec.json.decode(paths.identity.read_bytes(), type=DaemonIdentity)
    except (FileNotFoundError, NotADirectoryError, *MALFORMED):
        return None
