"""Keeping trainers away from a run while it is changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from daemon.base.paths import RunPaths
from daemon.processes.lease import Lease, LeaseHeldError
from landerctl.exitcodes import Exit
from landerctl.failure import Failure


@contextmanager
def holding_lease(run: RunPaths) -> Iterator[None]:
    """Hold the lease of a run's trainer. Raises Failure if one runs, and OSError."""
    try:
        lease = Lease.take(run.lease)
    except LeaseHeldError as held:
        who = f" (pid {held.pid})" if held.pid else ""
        raise Failure(
            f"{run.id}: its trainer{who} is running; nothing was changed; stop it with "
            "`landerctl stop`, or try again when it has saved",
            Exit.BUSY,
        ) from None
    try:
        yield
    finally:
        lease.close()
