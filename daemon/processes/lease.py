"""A kernel lock that a child process carries.

The supervisor takes the lock and lets the child inherit it; it stays held until the last process
that has it is gone, whoever started it. So the next supervisor knows for certain whether a child
of a dead one still lives, and a process id written into the file says which.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Self

_log = logging.getLogger(__name__)

_WIDTH = 20
POLL_S = 0.1  # flock has no event to wait for


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


async def wait_for_lease(
    path: Path,
    patience_s: float,
    give_up: asyncio.Event,
    tell: Callable[[int | None], None],
) -> Lease | None:
    """Take a lease as soon as its holder has ended; None if `give_up` is set first.

    The holder is the child of a supervisor that died. It may take `patience_s` to save and end by
    itself; then its group is killed. `tell` hears once for which process we wait. Raises OSError.
    """
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + patience_s
    told = False
    while True:
        try:
            return Lease.take(path)
        except LeaseHeldError as held:
            if not told:
                _log.info("%s: waiting for process %s, its supervisor is gone", path, held.pid)
                tell(held.pid)
                told = True
            if held.pid is not None and loop.time() >= deadline_s:
                _log.warning("%s: killing process %s, its supervisor is gone", path, held.pid)
                kill_group(held.pid)
        if await set_within(give_up, POLL_S):
            return None


async def set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether an event is set, now or within this time."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
