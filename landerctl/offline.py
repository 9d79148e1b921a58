"""Backing up and rolling back without a daemon: the command holds its lock meanwhile."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import Timeout, UnixFileLock

from daemon.backup.catalog import write_tag
from daemon.backup.make import make_backup
from daemon.backup.record import RECORD, Backup, Tag, read_backup
from daemon.backup.restore import UnknownIdError, restore
from daemon.checkpoint.catalog import newest_whole
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest
from daemon.config import ConfigError
from daemon.paths import RunPaths, StatePaths
from daemon.runs import read_run_config
from daemon.store.reader import StoreError
from daemon.store.records import Body
from daemon.store.writer import StoreWriter
from daemon.supervisor.lease import Lease, LeaseHeldError
from daemon.supervisor.rollback import RollbackError, RollbackPlan, verify_source
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

LOCK_TIMEOUT_S = 1.0  # `landerctl status` tests the lock by taking it for an instant


def back_up_newest(paths: StatePaths, run: RunPaths, directory: Path, tag: Tag) -> Backup:
    """Copy the newest whole checkpoint to the backups. Raises Failure."""
    with _exclusive(paths, run):
        try:
            newest = newest_whole(run.checkpoints)
            if newest is None:
                raise Failure(f"{run.checkpoints}: holds no whole checkpoint yet", Exit.NOT_FOUND)
            folder = directory / run.id / newest.id
            if (folder / RECORD).exists():
                backup = read_backup(folder)
            else:
                backup = make_backup(paths, run, newest.id, directory, created_s=time.time())
            if tag != Tag():
                write_tag(directory, backup, tag)
        except DamagedCheckpointError as error:
            raise Failure(f"{directory}: no backup was made: {error}") from None
        except OSError as error:
            raise Failure(
                f"{directory}: {error.strerror or error}; no backup was made; "
                "free space or set backup.directory"
            ) from None
        body: Body = {"id": backup.id, "bytes": backup.size_bytes}
        _record(paths, run, "backup.made", f"{backup.id} backed up without a daemon", body)
        return backup


def roll_back(paths: StatePaths, run: RunPaths, directory: Path, id_: str) -> Manifest:
    """Append a checkpoint or backup to the run as its newest. Raises Failure."""
    with _exclusive(paths, run):
        try:
            plan = RollbackPlan(run, directory, read_run_config(run).run.algorithm)
            source = verify_source(plan, id_)
            restored = restore(source, run, created_s=time.time())
        except UnknownIdError as error:
            raise Failure(str(error), Exit.NOT_FOUND) from None
        except (DamagedCheckpointError, RollbackError, ConfigError, OSError) as error:
            _record(paths, run, "rollback.failed", f"{error}", {"id": id_, "error": str(error)})
            what = str(error) if str(error).startswith(id_) else f"{id_}: {error}"
            raise Failure(f"{what}; nothing was changed") from None
        body: Body = {"id": id_, "timesteps": restored.timesteps}
        _record(paths, run, "rollback.done", f"Rolled back to {id_} without a daemon", body)
        return restored


@contextmanager
def _exclusive(paths: StatePaths, run: RunPaths) -> Iterator[None]:
    """Keep daemons from starting here, and wait for none: an orphaned trainer may still save."""
    lock = UnixFileLock(paths.lock, timeout=LOCK_TIMEOUT_S, mode=0o600)
    try:
        with lock:
            lease = Lease.take(run.lease)
            try:
                yield
            finally:
                lease.close()
    except Timeout:
        raise Failure(f"{paths.home}: a daemon has just started; try again", Exit.BUSY) from None
    except OSError as error:
        raise Failure(
            f"{error.filename or paths.home}: {error.strerror}; free space or check the disk",
            Exit.CANNOT_WRITE,
        ) from None
    except LeaseHeldError as held:
        raise Failure(
            f"{run.folder}: the trainer of a dead daemon (pid {held.pid}) is still saving; "
            "try again in a minute",
            Exit.BUSY,
        ) from None


def _record(paths: StatePaths, run: RunPaths, name: str, text: str, body: Body) -> None:
    # The holder of the lock is the store's one writer. A store that cannot be written does not
    # undo what is done.
    with suppress(StoreError, sqlite3.Error):
        writer = StoreWriter.open(paths.store)
        try:
            writer.add_event(name, text, time_s=time.time(), run_id=run.id, body=body)
        finally:
            writer.close()
