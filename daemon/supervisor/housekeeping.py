"""After a checkpoint: its automatic backup, and the removal of old ones. In order, in threads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from pathlib import Path

from daemon.backup.catalog import write_tag
from daemon.backup.make import make_backup
from daemon.backup.record import RECORD, Backup, Tag, read_backup
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.checkpoint.retention import decide, prune
from daemon.config.schema import CheckpointKind
from daemon.paths import RunPaths, StatePaths
from daemon.supervisor.clock import Clock
from daemon.supervisor.guard import guarded, log_fault
from daemon.supervisor.recorder import Recorder

_log = logging.getLogger(__name__)


class Housekeeping:
    """One job at a time touches the checkpoints, so none is removed while it is copied.

    Checkpoints of the kinds in `automatic` are backed up; `keep` interval checkpoints stay.
    """

    def __init__(
        self,
        paths: StatePaths,
        run: RunPaths,
        backups: Path,
        *,
        automatic: Iterable[CheckpointKind],
        keep: int,
        recorder: Recorder,
        clock: Clock,
    ) -> None:
        self._paths = paths
        self._run = run
        self._backups = backups
        self._automatic = frozenset(automatic)
        self._keep = keep
        self._recorder = recorder
        self._clock = clock
        self._lock = asyncio.Lock()
        self._jobs: set[asyncio.Task[None]] = set()

    def checkpoint_saved(self, checkpoint_id: str, kind: CheckpointKind) -> None:
        """A checkpoint was committed: do what it calls for, soon."""
        self._begin(self._attend(checkpoint_id, kind))

    def catch_up(self) -> None:
        """Attend to the newest checkpoint, soon, if a supervisor that died could not."""
        self._begin(self._attend_to_newest())

    def suspended(self) -> asyncio.Lock:
        """A context in which no job runs; what comes meanwhile waits for its end."""
        return self._lock

    async def finish(self) -> None:
        """Wait for all jobs."""
        if self._jobs:
            await asyncio.wait(self._jobs)

    async def back_up(self, checkpoint_id: str, tag: Tag) -> Backup:
        """Copy a checkpoint to the backups, record it, and tag it where the tag says anything.

        Raises DamagedCheckpointError and OSError, recorded too.
        """
        async with self._lock:
            backup = await self._back_up(checkpoint_id)
            if tag != Tag():
                await asyncio.to_thread(write_tag, self._backups, backup, tag)
            return backup

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        job = guarded(work, "housekeeping", log_fault)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def _attend_to_newest(self) -> None:
        try:
            listing = await asyncio.to_thread(list_checkpoints, self._run.checkpoints)
        except OSError:
            _log.exception("listing %s", self._run.checkpoints)
            return
        if listing.whole:
            await self._attend(listing.whole[-1].id, listing.whole[-1].kind)

    async def _attend(self, checkpoint_id: str, kind: CheckpointKind) -> None:
        async with self._lock:
            if kind in self._automatic:
                try:
                    await self._back_up(checkpoint_id)
                except (DamagedCheckpointError, OSError):
                    _log.exception("automatic backup of %s", checkpoint_id)
            if kind == "interval":
                await self._prune()

    async def _back_up(self, checkpoint_id: str) -> Backup:
        """The checkpoint's backup, made now if there is none yet."""
        folder = self._backups / self._run.id / checkpoint_id
        try:
            if (folder / RECORD).exists():
                return read_backup(folder)
            backup = await asyncio.to_thread(
                make_backup,
                self._paths,
                self._run,
                checkpoint_id,
                self._backups,
                created_s=self._clock().unix_s,
            )
        except (DamagedCheckpointError, OSError) as error:
            self._recorder.event(
                "backup.failed",
                f"Checkpoint {checkpoint_id} could not be copied to {self._backups}: {error}",
                body={"error": str(error)},
            )
            raise
        size_bytes = backup.size_bytes
        self._recorder.event(
            "backup.made",
            f"Checkpoint {checkpoint_id} copied to the backups, {size_bytes / 1e6:.1f} MB",
            body={"id": backup.id, "bytes": size_bytes},
        )
        return backup

    async def _prune(self) -> None:
        try:
            removed = await asyncio.to_thread(_prune_run, self._run, self._keep)
        except OSError:
            _log.exception("pruning %s", self._run.checkpoints)
            return
        if removed:
            self._recorder.event(
                "checkpoint.pruned",
                f"{len(removed)} old interval checkpoint(s) removed: {', '.join(removed)}",
                body={"count": len(removed)},
            )


def _prune_run(run: RunPaths, keep: int) -> list[str]:
    return prune(run.checkpoints, decide(list_checkpoints(run.checkpoints).whole, keep))
