"""Ends a daemon that does not answer. Its trainer notices, saves a checkpoint and exits."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from time import monotonic

from daemon.base.identity import flock_is_held, lock_is_held, read_identity
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import newest_whole
from daemon.checkpoint.manifest import Manifest
from daemon.processes.lease import Lease, LeaseHeldError, kill_group, signal_group

KILL_S = 10.0  # for the kernel to end a killed process
POLL_S = 0.05


class StuckError(Exception):
    """The daemon cannot be ended. One line for the user."""


@dataclass(frozen=True)
class ForcedStop:
    """What is left after a forced stop."""

    saved: bool  # the trainer saved a checkpoint before it exited, or there was none
    newest: Manifest | None


def continue_processes(paths: StatePaths, run: RunPaths | None) -> None:
    """Continue the daemon and its trainer if a signal has stopped them."""
    if (identity := read_identity(paths)) is not None and lock_is_held(paths):
        _send(identity.pid, signal.SIGCONT)
    if run is not None and (pid := _trainer_pid(run)) is not None:
        signal_group(pid, signal.SIGCONT)


def end_daemon(
    paths: StatePaths, run: RunPaths | None, patience_s: float, report: Callable[[str], None]
) -> ForcedStop:
    """Kill the daemon, and give its trainer `patience_s` to save and exit before killing it too.

    Raises StuckError.
    """
    identity = read_identity(paths)
    if identity is None:
        raise StuckError(f"{paths.identity}: the daemon's pid is unknown; find and kill it by hand")
    before = None if run is None else newest_whole(run.checkpoints)
    trainer_pid = None if run is None else _trainer_pid(run)
    report(f"the daemon does not answer: killing it (pid {identity.pid})")
    _send(identity.pid, signal.SIGKILL)
    if not _until(lambda: not lock_is_held(paths), KILL_S):
        raise StuckError(
            f"{paths.home}: the daemon (pid {identity.pid}) cannot be killed; if its control group "
            "is frozen, thaw it, then try again"
        )
    if run is None or trainer_pid is None:
        return ForcedStop(True, before)
    report(f"its trainer (pid {trainer_pid}) saves a checkpoint and exits")
    if not _until(lambda: not flock_is_held(run.lease), patience_s):
        report(f"killing the trainer, which did not exit within {patience_s:g} s")
        kill_group(trainer_pid)
        _until(lambda: not flock_is_held(run.lease), KILL_S)
    newest = newest_whole(run.checkpoints)
    return ForcedStop(newest is not None and newest != before, newest)


def _trainer_pid(run: RunPaths) -> int | None:
    try:
        Lease.take(run.lease).close()
    except LeaseHeldError as held:
        return held.pid
    except OSError:  # no such run any more
        return None
    return None


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _until(condition: Callable[[], bool], patience_s: float) -> bool:
    """Poll: there is no wait with a time-out for another process's lock."""
    deadline_s = monotonic() + patience_s
    pause = Event()
    while not condition():
        if monotonic() > deadline_s:
            return False
        pause.wait(POLL_S)
    return True
