"""The store, and whether a daemon writes it."""

from __future__ import annotations

import os

from checks.evidence import StoreEvidence
from daemon.base.identity import lock_is_held
from daemon.base.paths import StatePaths
from daemon.runs.run_folder import current_run
from daemon.store.reader import (
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreMissingError,
    StoreReader,
)
from daemon.store.records import Event, Status

CHANGES = ("run.restored", "run.switched")
MOST_CHANGES = 1000


def lock_and_store(paths: StatePaths) -> tuple[bool, StoreEvidence, Status | None]:
    """Whether a daemon holds the lock, the store's state, and what it says."""
    # Read again if the lock changed: a daemon that starts or stops between the two reads would look
    # as if it had died.
    held = _held(paths)
    for _ in range(3):
        store, status = _read_store(paths)
        before, held = held, _held(paths)
        if held == before:
            break
    return held, store, status


def _held(paths: StatePaths) -> bool:
    try:
        return lock_is_held(paths)
    except OSError:
        return False


def _read_store(paths: StatePaths) -> tuple[StoreEvidence, Status | None]:
    try:
        with StoreReader.open(paths.store) as reader:
            status = reader.status()
        return StoreEvidence("readable", size_bytes=paths.store.stat().st_size), status
    except StoreMissingError as error:
        return StoreEvidence("missing", str(error)), None
    except StoreDamagedError as error:
        return StoreEvidence("damaged", str(error)), None
    except StoreBusyError as error:
        return StoreEvidence("busy", str(error)), None
    except StoreError as error:
        return StoreEvidence("unusable", str(error)), None
    except OSError as error:
        return StoreEvidence("unusable", f"{paths.store}: {os.strerror(error.errno or 0)}"), None


def unstarted_change(paths: StatePaths, status: Status | None) -> Event | None:
    """How the run became the current one by a command, if no daemon has run since then."""
    run = current_run(paths)
    if run is None or status is None:
        return None
    try:
        with StoreReader.open(paths.store) as reader:
            found = reader.seldom_events(run.id, CHANGES, MOST_CHANGES)[-1:]
    except StoreError:
        return None
    started_s = status.daemon.started_s if status.daemon else 0.0
    is_newer = bool(found) and found[0].time_s > started_s
    return found[0] if is_newer else None


def run_of(status: Status | None) -> str | None:
    """The run of which the store speaks."""
    if status is None:
        return None
    if status.run is not None:
        return status.run.id
    return status.trainer.run_id if status.trainer else None
