"""The coordinator's kernel lock, with its process id: a sweep has one coordinator."""

from __future__ import annotations

import os

from daemon.processes.lease import Lease, LeaseHeldError
from daemon.sweeps.paths import SweepPaths


class CoordinatorRunsError(Exception):
    """Another coordinator of the sweep runs; the message is one line for the user."""


def take_lock(sweep: SweepPaths) -> Lease:
    """Hold the sweep's lock until this process ends. Raises CoordinatorRunsError and OSError."""
    try:
        lease = Lease.take(sweep.lock)
    except LeaseHeldError as error:
        raise CoordinatorRunsError(
            f"the sweep {sweep.id} is already run by process {error.pid or 'unknown'}; "
            f"`landerctl sweep status {sweep.id}` shows it"
        ) from None
    lease.record(os.getpid())
    return lease
