"""A rollback's steps on disk, each recorded in the journal before the next one starts.

Synchronous. The caller stops the trainer before `stopped` and starts it after `swap`.
"""

from __future__ import annotations

import msgspec

from daemon.backup.restoring.find_state import State
from daemon.backup.restoring.staging import (
    next_manifest,
    remove_restored,
    remove_staged,
    stage,
    swap,
)
from daemon.base.failpoint import failpoint
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import Manifest, sequence_of
from daemon.rollback.journal import Journal, Step, advance, reverted, write_journal


class Transaction:
    """Makes a verified state the run's newest checkpoint, or reverts it. Methods raise OSError."""

    def __init__(self, paths: StatePaths, run: RunPaths, journal: Journal) -> None:
        self._path = paths.rollback
        self._run = run
        self.journal = journal

    def stage(self, state: State) -> None:
        """Copy the state into a hidden folder. Also raises DamagedCheckpointError."""
        write_journal(self._path, self.journal)
        self._failpoint("journaled")
        stage(state, self._run)
        self._failpoint("staged")

    def stopped(self) -> Manifest | None:
        """After the trainer's exit: record and return the newest checkpoint, for an undo."""
        self._failpoint("exited")
        whole = list_checkpoints(self._run.checkpoints).whole
        live = whole[-1] if whole else None
        self._record("stopped", live=live)
        self._failpoint("stopped")
        return live

    def swap(self, created_s: float) -> Manifest:
        """Make the staged state the run's newest checkpoint. `created_s`: Unix time."""
        manifest = next_manifest(self.journal.to, self._run, created_s)
        self._record("swapping", restored_id=manifest.id)
        self._failpoint("swapping")
        swap(manifest, self._run)
        self._failpoint("swapped")
        self._record("swapped")
        self._failpoint("noted")
        return manifest

    def running(self, running_s: float) -> None:
        """Record that training resumed from the restored state. `running_s`: Unix time."""
        self._record("running", running_s=running_s)
        self._failpoint("running")

    def update(self, **changes: object) -> None:
        """Change fields of the journal, at the same step."""
        self.journal = msgspec.structs.replace(self.journal, **changes)
        write_journal(self._path, self.journal)

    def over(self) -> None:
        """Record that monitoring has ended."""
        self._record("over")

    def revert(self) -> None:
        """Undo every step. The journal is written last: removals also work on a full disk."""
        remove_staged(self._run)
        if self.journal.restored_id is not None:
            remove_restored(self.journal.restored_id, self._run)
        self.journal = reverted(self.journal)
        write_journal(self._path, self.journal)

    def is_in_place(self, restored_id: str | None) -> bool:
        """Whether a restored state is among the run's checkpoints."""
        return restored_id is not None and (self._run.checkpoints / restored_id).is_dir()

    def descends(self, checkpoint_id: str | None) -> bool:
        """Whether a checkpoint is the restored state or was trained from it."""
        restored_id = self.journal.restored_id
        if checkpoint_id is None or restored_id is None:
            return False
        return sequence_of(checkpoint_id) >= sequence_of(restored_id)

    def continued(self) -> bool:
        """Whether the run has a checkpoint newer than the restored state. Raises OSError."""
        whole = list_checkpoints(self._run.checkpoints).whole
        restored_id = self.journal.restored_id
        return bool(whole) and whole[-1].id != restored_id and self.descends(whole[-1].id)

    def _record(self, step: Step, **changes: object) -> None:
        self.journal = advance(self.journal, step, **changes)
        write_journal(self._path, self.journal)

    def _failpoint(self, step: str) -> None:
        failpoint(f"{self.journal.verb}.{step}")
