"""Makes, prunes and verifies backups, and prunes checkpoints, in threads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import TypeVar

from daemon.backup.catalog import write_tag
from daemon.backup.clean import clean
from daemon.backup.lock import backups_lock
from daemon.backup.make import back_up_logs, find_or_make_backup
from daemon.backup.record import Backup, BackupKey, Tag
from daemon.backup.retention.prune import prune as prune_backups
from daemon.backup.sweep import PendingBackups, find_pending
from daemon.backup.verification.inspection import inspect_some
from daemon.base.files import make_private_folder
from daemon.base.text.counted import counted
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest
from daemon.checkpoint.retention import decide, prune
from daemon.config.schema import BackupSettings
from daemon.supervisor.aio.tasks import log_error, spawn_task
from daemon.supervisor.context import Context

PRUNE_INTERVAL_S = 3600.0
FINAL_COPIES_S = 5.0  # at the stop; remaining copies are made after the next start

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class BackupService:
    """Runs one job at a time, so that no checkpoint is removed while it is copied.

    A sweep copies checkpoints without a backup, oldest first, then removes all interval
    checkpoints but the newest `keep`, even if their backup failed. `on_backup` takes the run and
    the id of a backup that was made or whose tag changed.
    """

    def __init__(
        self,
        context: Context,
        *,
        settings: BackupSettings,
        keep: int,
        on_backup: Callable[[str, str], None],
        clock_trusted: Callable[[], Awaitable[bool]],
    ) -> None:
        self._paths = context.paths
        self._run = context.run
        self._backups = context.backups
        self._settings = settings
        self._keep = keep
        self._recorder = context.recorder
        self._clock = context.clock
        self._on_backup = on_backup
        self._clock_trusted = clock_trusted
        self.cleaned = asyncio.Event()  # no copy holds what earlier versions copied
        self._lock = asyncio.Lock()
        self._jobs: set[asyncio.Task[None]] = set()
        self._sweep_waits = False
        self._deadline_s: float | None = None  # monotonic; later, only the newest is copied
        self._pruned_s: float | None = None  # monotonic
        self._made: set[str] = set()  # backups recorded as made
        self._refused: set[str] = set()  # damaged checkpoints recorded as failed
        self._damaged: set[BackupKey] = set()  # backups recorded as damaged

    def sweep_soon(self) -> None:
        """Start a sweep, for new checkpoints; at most one waits."""
        if not self._sweep_waits:
            self._sweep_waits = True
            self._begin(self._sweep())

    async def sweep_regularly(self) -> None:
        """Clean, then sweep, prune and verify backups now and every interval, until cancelled.

        Creates the folder of the backups first; where that fails, the first backup reports it.
        """
        with suppress(OSError):
            await asyncio.to_thread(make_private_folder, self._backups, parents=True)
        self._begin(self._clean())
        while True:
            self.sweep_soon()
            self._begin(self._prune_and_verify())
            await asyncio.sleep(self._settings.sweep_interval_s)

    def suspended(self) -> asyncio.Lock:
        """A context in which no job runs; new jobs wait."""
        return self._lock

    async def finish(self) -> None:
        """Wait for all jobs; after FINAL_COPIES_S only the newest checkpoint is still copied."""
        self._deadline_s = self._clock().monotonic_s + FINAL_COPIES_S
        while self._jobs:
            await asyncio.wait(self._jobs)

    async def back_up(self, checkpoint_id: str, tag: Tag) -> Backup:
        """Back up a checkpoint and record it; tag the backup unless the tag is empty.

        Raises DamagedCheckpointError and OSError, recorded as events.
        """
        async with self._lock:
            backup = await self._back_up(checkpoint_id)
            if tag != Tag():
                await asyncio.to_thread(self._tag, backup, tag)
                self._on_backup(backup.run_id, backup.id)
            return backup

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        job = spawn_task(work, "backups", log_error)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def _clean(self) -> None:
        """Remove the secrets that earlier versions copied into runs and backups."""
        async with self._lock:
            try:
                found = await self._attempt("cleaning", partial(clean, self._paths, self._backups))
            finally:
                self.cleaned.set()
        if found is None:
            return
        for run_id, id_ in found.backups:
            self._on_backup(run_id, id_)
        if found.runs or found.backups:
            self._recorder.event(
                "config.secrets_removed",
                "Notification addresses and commands were removed from the copied configuration of "
                f"{counted(len(found.runs), 'run')} and {counted(len(found.backups), 'backup')}; "
                "change these secrets if a copy has left this machine",
                body={"runs": len(found.runs), "backups": len(found.backups)},
            )
        for fault in found.kept:
            self._recorder.event(
                "config.secrets_kept",
                f"A copied configuration with notification addresses or commands stays: {fault}",
                body={"error": fault},
            )

    async def _sweep(self) -> None:
        async with self._lock:
            self._sweep_waits = False
            found = await self._attempt("listing checkpoints without a backup", self._find_pending)
            if found is None:
                return
            if not await self._copy(found):
                return
            removed = await self._attempt(
                "pruning checkpoints", partial(self._prune_checkpoints, found.checkpoints)
            )
            if removed:
                self._recorder.event(
                    "checkpoint.pruned",
                    f"{counted(len(removed), 'old checkpoint')} removed: {', '.join(removed)}",
                    body={"count": len(removed)},
                )

    async def _copy(self, found: PendingBackups) -> bool:
        """Copy pending checkpoints; False if some were left out because of the stop."""
        left = False
        for number, checkpoint in enumerate(found.pending, start=1):
            if number < len(found.pending) and self._is_late():
                left = True
                continue
            try:
                await self._back_up(checkpoint.id)
            except DamagedCheckpointError:
                continue  # try the others
            except OSError:
                return True  # a disk fault: the next copy would fail, too
        if found.logs:
            made = await self._attempt("backing up TensorBoard's files", self._copy_logs)
            if made is not None:
                self._record_made(made, "TensorBoard's files")
        return not left

    def _is_late(self) -> bool:
        return self._deadline_s is not None and self._clock().monotonic_s > self._deadline_s

    async def _back_up(self, checkpoint_id: str) -> Backup:
        """The checkpoint's backup; made now if there is none."""
        try:
            backup, is_new = await asyncio.to_thread(self._find_or_make, checkpoint_id)
        except (DamagedCheckpointError, OSError) as error:
            if checkpoint_id not in self._refused:
                self._record_failed(checkpoint_id, error)
            if isinstance(error, DamagedCheckpointError):
                self._refused.add(checkpoint_id)
            raise
        # An existing one may not be recorded yet: its daemon was killed before it could.
        if is_new or backup.id not in self._made:
            self._record_made(backup, f"Checkpoint {checkpoint_id}")
        return backup

    async def _prune_and_verify(self) -> None:
        """Prune backups once per PRUNE_INTERVAL_S; verify some backups."""
        async with self._lock:
            if self._deadline_s is not None:
                return
            now = self._clock()
            if self._pruned_s is None or now.monotonic_s - self._pruned_s >= PRUNE_INTERVAL_S:
                trusted = await self._clock_trusted()
                self._pruned_s = now.monotonic_s if trusted else None
                gone = await self._attempt(
                    "pruning backups",
                    partial(
                        prune_backups,
                        self._backups,
                        self._settings,
                        self._clock().unix_s,
                        clock_trusted=trusted,
                    ),
                )
                if gone:
                    size_bytes = sum(decision.backup.size_bytes for decision in gone)
                    self._recorder.event(
                        "backup.pruned",
                        f"{counted(len(gone), 'backup')} removed, {size_bytes / 1e6:.1f} MB; "
                        f"see {self._backups / 'pruned.jsonl'}",
                        body={"count": len(gone), "bytes": size_bytes},
                    )
            faults = await self._attempt(
                "verifying a backup", partial(inspect_some, self._backups, now.unix_s)
            )
            if faults is not None:
                self._record_damaged(faults)

    async def _attempt(self, what: str, work: Callable[[], _T]) -> _T | None:
        """Run `work` in a thread; returns its result, or logs an OSError and returns None."""
        try:
            return await asyncio.to_thread(work)
        except OSError:
            _log.exception("%s: %s", self._backups, what)
            return None

    def _find_pending(self) -> PendingBackups:
        automatic = frozenset(self._settings.automatic)
        return find_pending(self._run, self._backups, automatic, self._clock().unix_s)

    def _find_or_make(self, checkpoint_id: str) -> tuple[Backup, bool]:
        """Returns the backup, and whether it was made now."""
        created_s = self._clock().unix_s
        return find_or_make_backup(
            self._paths, self._run, checkpoint_id, self._backups, created_s=created_s
        )

    def _copy_logs(self) -> Backup | None:
        return back_up_logs(self._run, self._backups, created_s=self._clock().unix_s)

    def _tag(self, backup: Backup, tag: Tag) -> None:
        with backups_lock(self._backups):
            write_tag(self._backups, backup, tag)

    def _prune_checkpoints(self, checkpoints: list[Manifest]) -> list[str]:
        # Only those that the sweep has seen: newer ones have no backup yet.
        return prune(self._run.checkpoints, decide(checkpoints, self._keep))

    def _record_made(self, backup: Backup, what: str) -> None:
        size_bytes = backup.size_bytes
        self._made.add(backup.id)
        self._recorder.event(
            "backup.made",
            f"{what} copied to the backups, {size_bytes / 1e6:.1f} MB",
            body={"id": backup.id, "bytes": size_bytes},
        )
        self._on_backup(backup.run_id, backup.id)

    def _record_failed(self, checkpoint_id: str, error: Exception) -> None:
        self._recorder.event(
            "backup.failed",
            f"Checkpoint {checkpoint_id} could not be copied to {self._backups}: {error}",
            body={"error": str(error)},
        )

    def _record_damaged(self, faults: dict[BackupKey, list[str]]) -> None:
        for key in sorted(faults.keys() - self._damaged):
            self._recorder.event(
                "backup.damaged",
                f"Backup {'/'.join(key)}: {'; '.join(faults[key])}",
                body={"id": "/".join(key)},
            )
        for key in sorted(self._damaged - faults.keys()):
            self._recorder.event(
                "backup.repaired",
                f"Backup {'/'.join(key)} is no longer damaged, or was removed",
                body={"id": "/".join(key)},
            )
        self._damaged = set(faults)
