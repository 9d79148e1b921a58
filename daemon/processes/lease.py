"""A kernel lock that a child process carries.

The supervisor takes the lock and lets the child inherit it; it stays held until the last process
that has it is gone, whoever started it. So the next supervisor knows for certain whether a child
of a dead one still lives, and a process id written into the file says which.
"""

from __future__ import annotations

import fcntl
import os
import signal
from pathlib import Path
from typing import Self

_WIDTH = 20


class LeaseHeldError(Exception):
    """A living process holds the lease. `pid`: which, where the file says so."""

    def __init__(self, pid: int | None) -> None:
        super().__init__(f"held by process {pid}")
        self.pid = pid


class Lease:
    """The supervisor's own hold; pass `descriptor` to the child, then `close`."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> Self:
        """Take the lock without waiting. Raises LeaseHeldError and OSError."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            written = os.pread(descriptor, _WIDTH, 0).strip()
            os.close(descriptor)
            raise LeaseHeldError(int(written) if written.isdigit() else None) from None
        lease = cls(descriptor)
        try:
            # A process id left from an earlier child may be anybody's by now.
            lease._write("")
        except OSError:
            lease.close()
            raise
        return lease

    def record(self, pid: int) -> None:
        """Write the child's process id into the file. Raises OSError."""
        self._write(str(pid))

    def _write(self, text: str) -> None:
        # Always as many bytes: overwriting them needs no space on a full disk.
        os.pwrite(self.descriptor, f"{text:<{_WIDTH - 1}}\n".encode(), 0)

    def close(self) -> None:
        """Give up the supervisor's own hold; the child's stays."""
        os.close(self.descriptor)


def kill_group(pid: int) -> None:
    """SIGKILL the process group that `pid` leads; one that is gone already is no error."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
