"""Backing up, rolling back and pruning without a daemon: the command holds its lock meanwhile."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from filelock import Timeout, UnixFileLock

from daemon.backup.back_up import Chosen, NoCheckpointError, back_up
from daemon.backup.catalog import write_tag
from daemon.backup.identity import reserve_sequences
from daemon.backup.lock import BackupsBusyError, backups_lock
from daemon.backup.make import find_or_make_backup
from daemon.backup.record import Backup, Tag
from daemon.backup.retention.prune import prune
from daemon.backup.retention.rules import Decision
from daemon.base.files import make_private_folder, remove_half_removed, remove_unfinished
from daemon.base.paths import RunPaths, StatePaths
from daemon.base.seat import asker
from daemon.base.text.counted import counted
from daemon.base.threads import run_in_thread
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.config import ConfigError
from daemon.config.schema import BackupSettings
from daemon.processes.lease import Lease, LeaseHeldError
from daemon.processes.subprocesses import run_subprocess
from daemon.processes.trainer_commands import RealTrainer
from daemon.protocol.control import Done, Refused
from daemon.rollback import procedure
from daemon.rollback.job import RollbackJob
from daemon.rollback.load_test import LoadTest, read_load_test
from daemon.rollback.settle_interrupted import recover
from daemon.rollback.transaction import Transaction
from daemon.runs.run_folder import read_run_config
from daemon.store.reader import StoreError
from daemon.store.records import Body
from daemon.store.writer import StoreWriter
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

LOCK_TIMEOUT_S = 1.0  # `landerctl status` tests the lock by taking it for an instant
Report = Callable[[str], None]


class CommandHost:
    """A `RollbackHost` and `BackupHost` where no daemon runs: nothing trains, nothing starts."""

    has_trainer = False
    is_training = False
    resumed_from = None

    def __init__(self, paths: StatePaths, run: RunPaths, backups: Path) -> None:
        """Raises Failure: the run's configuration cannot be read."""
        self.paths = paths
        self.run = run
        self.backups = backups
        self.unrecorded: str | None = None  # why an event is not in the store
        try:
            self.algorithm: str = read_run_config(run).run.algorithm
        except ConfigError as error:
            raise Failure(f"{error}; nothing was changed", Exit.CONFIG) from None

    def now_s(self) -> float:
        """Unix time."""
        return time.time()

    def observed(self) -> str:
        """How the training is."""
        return "no daemon runs"

    def record(self, name: str, text: str, body: Body) -> None:
        """Record an event. A store that cannot be written does not undo what is done."""
        try:
            # The holder of the lock is the store's one writer.
            writer = StoreWriter.open(self.paths.store)
        except (StoreError, sqlite3.Error) as error:
            self.unrecorded = str(error)
            return
        try:
            writer.add_event(name, text, time_s=time.time(), run_id=self.run.id, body=body)
        except sqlite3.Error as error:
            self.unrecorded = f"{self.paths.store}: {error}"
        finally:
            writer.close()

    def keep_checkpoints(self) -> nullcontext[None]:
        """Nothing else removes checkpoints."""
        return nullcontext()

    async def load_test(self, folder: Path) -> LoadTest:
        """Load a state in a process of its own, which takes seconds. Raises OSError."""
        return await load_test(self.run, folder)

    async def stop_trainer(self, reason: str) -> None:
        """None runs."""

    async def checkpoint_to_copy(self, report: Report) -> Chosen:
        """The newest whole checkpoint. Raises NoCheckpointError and OSError."""
        newest = await run_in_thread(Chosen.newest, self.run.checkpoints)
        if newest is None:
            raise NoCheckpointError(f"{self.run.checkpoints}: holds no whole checkpoint yet")
        return newest

    async def back_up(self, checkpoint_id: str, tag: Tag) -> Backup:
        """Copy a checkpoint and tag the copy. Raises DamagedCheckpointError and OSError."""
        try:
            return await run_in_thread(self._back_up, checkpoint_id, tag)
        except (DamagedCheckpointError, OSError) as error:
            text = f"Checkpoint {checkpoint_id} could not be copied to {self.backups}: {error}"
            self.record("backup.failed", text, {"error": str(error)})
            raise

    def start_trainer(self) -> None:
        """Never called: it has no trainer."""

    async def trainer_runs(self) -> None:
        """Never called: it has no trainer."""

    async def stop_verification(self) -> None:
        """None is in progress."""

    def start_verification(self, transaction: Transaction) -> None:
        """The next start of a daemon does."""

    def _back_up(self, checkpoint_id: str, tag: Tag) -> Backup:
        make_private_folder(self.backups, parents=True)
        backup, is_new = find_or_make_backup(
            self.paths, self.run, checkpoint_id, self.backups, created_s=time.time()
        )
        if tag != Tag():
            with backups_lock(self.backups):
                write_tag(self.backups, backup, tag)
        if is_new:
            body: Body = {"id": backup.id, "bytes": backup.size_bytes}
            self.record("backup.made", f"{backup.id} backed up without a daemon", body)
        return backup


def back_up_newest(paths: StatePaths, run: RunPaths, backups: Path, tag: Tag) -> Done | Refused:
    """Copy the newest whole checkpoint to the backups. Raises Failure."""
    with _exclusive(paths, run):
        host = CommandHost(paths, run, backups)
        user = asker(os.environ)
        text = f"A backup was requested by {user}{f': {tag.note}' if tag.note else ''}"
        host.record("backup.requested", text, {"by": user, "note": tag.note})
        return _answer(host, back_up(host, tag, lambda step: None))


def roll_back(
    paths: StatePaths, run: RunPaths, backups: Path, job: RollbackJob, report: Report
) -> Done | Refused:
    """Make the first of the job's states that can be used the run's newest. Raises Failure."""
    with _exclusive(paths, run):
        host = CommandHost(paths, run, backups)
        recover(paths, host.record, host.now_s())
        reserve_sequences(run, backups)
        return _answer(host, procedure.roll_back(host, job, report))


async def load_test(run: RunPaths, folder: Path) -> LoadTest:
    """Whether a training can resume from a state's folder; takes seconds. Raises OSError."""
    return read_load_test(*await run_subprocess(RealTrainer().load_test(run, folder), run))


def prune_backups(
    paths: StatePaths,
    run: RunPaths,
    directory: Path,
    settings: BackupSettings,
    *,
    clock_trusted: bool,
) -> list[Decision]:
    """Remove the backups that retention does not keep, and what killed processes left.

    Only the latter if the clock is not trusted. Raises Failure.
    """
    with _exclusive(paths, run):
        try:
            removed = prune(directory, settings, time.time(), clock_trusted=clock_trusted)
            remove_unfinished(run.checkpoints)
            remove_half_removed(run.checkpoints)
        except BackupsBusyError as error:
            raise Failure(f"{error}; try again", Exit.BUSY) from None
        if removed:
            size_bytes = sum(decision.backup.size_bytes for decision in removed)
            CommandHost(paths, run, directory).record(
                "backup.pruned",
                f"{counted(len(removed), 'backup')} removed without a daemon",
                {"count": len(removed), "bytes": size_bytes},
            )
        return removed


def _answer(host: CommandHost, work: Awaitable[Done | Refused]) -> Done | Refused:
    async def run() -> Done | Refused:
        return await work

    answer = asyncio.run(run())
    if host.unrecorded is None or isinstance(answer, Refused):
        return answer
    return Done(f"{answer.text}; no event was recorded: {host.unrecorded}", answer.data)


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
