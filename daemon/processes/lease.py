"""A kernel lock that a child process inherits.

The supervisor takes the lock and passes it to the child; it stays held until the last process that
has it exits. So the next supervisor can tell whether a child of a dead supervisor still runs, and
by the process id in the file which one.
"""

from __future__ import annotations

import fcntl
import os
import signal
from pathlib import Path
from typing import Self

_WIDTH = 20


class LeaseHeldError(Exception):
    """A running process holds the lease. `pid`: its process id, None if not recorded."""

    def __init__(self, pid: int | None) -> None:
        super().__init__(f"lease held by process {pid}")
        self.pid = pid


class Lease:
    """The supervisor's handle; pass `descriptor` to the child, then `close`."""

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
            # An earlier child's process id may have been reused.
            lease._write("")
        except OSError:
            lease.close()
            raise
        return lease

    def record(self, pid: int) -> None:
        """Write the child's process id into the file. Raises OSError."""
        self._write(str(pid))

    def _write(self, text: str) -> None:
        # Always the same length: overwriting needs no space on a full disk.
        os.pwrite(self.descriptor, f"{text:<{_WIDTH - 1}}\n".encode(), 0)

    def close(self) -> None:
        """Close the supervisor's handle; the child still holds the lock."""
        os.close(self.descriptor)


def kill_group(pid: int) -> None:
    """SIGKILL the process group led by `pid`; no error if it does not exist."""
    signal_group(pid, signal.SIGKILL)


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to the process group led by `pid`; no error if it does not exist."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return
