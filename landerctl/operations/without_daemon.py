"""Backing up and rolling back without a daemon: the command holds its lock meanwhile."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import Timeout, UnixFileLock

from daemon.backup.catalog import write_tag
from daemon.backup.lock import BackupsBusyError
from daemon.backup.make import find_or_make_backup
from daemon.backup.record import Backup, Tag
from daemon.backup.retention.prune import prune
from daemon.backup.retention.rules import Decision
from daemon.backup.staging import staged_folder
from daemon.base.files import open_log, remove_half_removed, remove_unfinished
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import newest_whole
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest
from daemon.config import ConfigError
from daemon.config.schema import Backup as BackupSettings
from daemon.processes.lease import Lease, LeaseHeldError
from daemon.processes.trainer_commands import RealTrainer
from daemon.rollback import incidents
from daemon.rollback.errors import UnusableStateError
from daemon.rollback.find import find_usable
from daemon.rollback.load_test import LoadTest, read_load_test
from daemon.rollback.request import Order
from daemon.rollback.resume_interrupted import recover
from daemon.rollback.transaction import Transaction
from daemon.runs.run_folder import read_run_config
from daemon.store.reader import StoreError
from daemon.store.records import Body
from daemon.store.writer import StoreWriter
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
            backup, _ = find_or_make_backup(paths, run, newest.id, directory, created_s=time.time())
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


def roll_back(paths: StatePaths, run: RunPaths, directory: Path, order: Order) -> Manifest:
    """Make the first of these states that can be used the run's newest. Raises Failure."""
    with _exclusive(paths, run):
        faults = []
        for id_ in order.ids:
            try:
                return _go_to(paths, run, directory, id_, order)
            except (DamagedCheckpointError, UnusableStateError) as error:
                faults.append(str(error))
                _record(paths, run, "rollback.failed", str(error), {"id": id_, "error": str(error)})
            except (ConfigError, OSError) as error:
                _record(paths, run, "rollback.failed", str(error), {"id": id_, "error": str(error)})
                raise Failure(f"{id_}: {error}; nothing was changed") from None
        raise Failure(f"{'; '.join(faults)}; nothing was changed")


def _go_to(paths: StatePaths, run: RunPaths, directory: Path, id_: str, order: Order) -> Manifest:
    recover(paths)
    state = find_usable(run, directory, id_, read_run_config(run).run.algorithm)
    began_s = time.time()
    transaction = Transaction(
        paths,
        run,
        order.open_journal(
            run.id, state.manifest, why=order.why, began_s=began_s, was_training=False
        ),
    )
    try:
        transaction.stage(state)
        loaded = try_to_load(run, staged_folder(run))
        if not loaded.ok:
            raise UnusableStateError(f"{id_} cannot be used: {loaded.text}")
        transaction.stopped()
        restored = transaction.swap(time.time())
    except BaseException:
        transaction.revert()
        raise
    text = f"Rolled back to {id_} without a daemon; the next start goes on from {restored.id}"
    body: Body = {"id": id_, "timesteps": restored.timesteps, "took_s": time.time() - began_s}
    _record(paths, run, "rollback.done", text, body)
    incidents.append(paths.incidents, incidents.entry(transaction.journal, text, time.time()))
    return restored


def try_to_load(run: RunPaths, folder: Path) -> LoadTest:
    """Whether a training can go on from a state's folder; takes seconds. Raises OSError."""
    command = RealTrainer().load_test(run, folder)
    with (
        os.fdopen(open_log(run.log), "ab") as log,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
        ) as process,
    ):
        assert process.stdout is not None
        # Its standard input stays open meanwhile: it ends when we do.
        output = process.stdout.read()
    return read_load_test(output, process.returncode)


def prune_backups(
    paths: StatePaths, run: RunPaths, directory: Path, settings: BackupSettings
) -> list[Decision]:
    """Remove the backups that retention gives up, and what killed processes left.

    Raises Failure.
    """
    with _exclusive(paths, run):
        try:
            gone = prune(directory, settings, time.time())
            remove_unfinished(run.checkpoints)
            remove_half_removed(run.checkpoints)
        except BackupsBusyError as error:
            raise Failure(f"{error}; try again", Exit.BUSY) from None
        if gone:
            size_bytes = sum(decision.backup.size_bytes for decision in gone)
            body: Body = {"count": len(gone), "bytes": size_bytes}
            text = f"{len(gone)} backup(s) removed without a daemon"
            _record(paths, run, "backup.pruned", text, body)
        return gone


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
