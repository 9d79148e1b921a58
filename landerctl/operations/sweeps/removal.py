"""Removing a sweep: renamed to a hidden name, which is the commit, then deleted.

A kill between the two leaves a hidden folder, which the next `landerctl sweep rm` removes.
"""

from __future__ import annotations

import errno
import shutil
from contextlib import suppress

from daemon.base.files import fsync_path
from daemon.base.leftovers import PRUNED, half_removed
from daemon.base.paths import StatePaths
from daemon.processes.lease import Lease, LeaseHeldError
from daemon.sweeps.paths import SweepPaths, sweeps_folder
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.runs.disk import size_of
from landerctl.operations.sweeps.running import refuse_running


def sweep_bytes(sweep: SweepPaths) -> int:
    """What the sweep uses on the disk."""
    return size_of(sweep.folder)


def trial_folders(sweep: SweepPaths) -> int:
    """How many trials have a state folder here; the store, which may be damaged, is not read."""
    return len(list(sweep.trials.iterdir())) if sweep.trials.is_dir() else 0


def remove_sweep(sweep: SweepPaths) -> None:
    """Remove a sweep with its trials, whole or not at all. Raises Failure."""
    folder = sweep.folder
    hidden = folder.with_name(f"{PRUNED}{folder.name}")
    try:
        lease: Lease | None = Lease.take(sweep.lock)  # no coordinator can start meanwhile
    except LeaseHeldError:
        refuse_running(sweep, f"stop it with `landerctl sweep stop {sweep.id}`")
        raise Failure(f"{sweep.id}: is in use; try again", Exit.BUSY) from None
    except OSError as error:
        # No room for the lock of a sweep that never ran: its removal makes some.
        if error.errno != errno.ENOSPC:
            where = error.filename or sweep.lock
            raise Failure(f"{where}: {error.strerror}", Exit.CANNOT_WRITE) from None
        lease = None
    try:
        folder.rename(hidden)
        fsync_path(folder.parent)
        shutil.rmtree(hidden)
    except OSError as error:
        part = "is removed, but not all of its files"
        gone = "nothing was removed" if folder.exists() else part
        raise Failure(
            f"{sweep.id}: {gone}: {error.filename or folder}: {error.strerror}; "
            "`landerctl sweep rm` tries again",
            Exit.CANNOT_WRITE,
        ) from None
    finally:
        if lease is not None:
            lease.close()


def finish_sweep_removals(paths: StatePaths) -> None:
    """Remove what killed removals left; what cannot be removed is left to the next one."""
    with suppress(OSError):
        for hidden in half_removed(sweeps_folder(paths)):
            shutil.rmtree(hidden)
