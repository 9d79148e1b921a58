"""One rollback's steps on the disk, each noted in the journal before the next begins.

Synchronous; whoever uses it stops the trainer before `stopped` and starts one after `swap`.
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
    """From a verified state to the run's newest checkpoint, or back. Methods raise OSError."""

    def __init__(self, paths: StatePaths, run: RunPaths, journal: Journal) -> None:
        self._path = paths.rollback
        self._run = run
        self.journal = journal

    def stage(self, state: State) -> None:
        """Copy the state into its hidden folder. Raises DamagedCheckpointError too."""
        write_journal(self._path, self.journal)
        self._failpoint("journaled")
        stage(state, self._run)
        self._failpoint("staged")

    def stopped(self) -> Manifest | None:
        """The trainer has exited: note the newest checkpoint, for an undo; None without one."""
        self._failpoint("exited")
        whole = list_checkpoints(self._run.checkpoints).whole
        live = whole[-1] if whole else None
        self._note("stopped", live=live)
        self._failpoint("stopped")
        return live

    def swap(self, created_s: float) -> Manifest:
        """Make the staged state the run's newest checkpoint. `created_s`: Unix time."""
        manifest = next_manifest(self.journal.to, self._run, created_s)
        self._note("swapping", restored_id=manifest.id)
        self._failpoint("swapping")
        swap(manifest, self._run)
        self._failpoint("swapped")
        self._note("swapped")
        self._failpoint("noted")
        return manifest

    def running(self, running_s: float) -> None:
        """Training has gone on from it. `running_s`: Unix time."""
        self._note("running", running_s=running_s)
        self._failpoint("running")

    def update(self, **changes: object) -> None:
        """Note what was found out since, at the same step."""
        self.journal = msgspec.structs.replace(self.journal, **changes)
        write_journal(self._path, self.journal)

    def over(self) -> None:
        """It has been watched to the end."""
        self._note("over")

    def revert(self) -> None:
        """Put all as it was before. The journal is tried last: a full disk hinders no removal."""
        remove_staged(self._run)
        if self.journal.restored_id is not None:
            remove_restored(self.journal.restored_id, self._run)
        self.journal = reverted(self.journal)
        write_journal(self._path, self.journal)

    @property
    def is_swapped_in(self) -> bool:
        """Whether the restored state is among the run's checkpoints."""
        restored_id = self.journal.restored_id
        return restored_id is not None and (self._run.checkpoints / restored_id).is_dir()

    def descends(self, checkpoint_id: str | None) -> bool:
        """Whether a checkpoint is the restored state, or was saved by a training of it."""
        restored_id = self.journal.restored_id
        if checkpoint_id is None or restored_id is None:
            return False
        return sequence_of(checkpoint_id) >= sequence_of(restored_id)

    def continued(self) -> bool:
        """Whether the run has a checkpoint newer than the restored state. Raises OSError."""
        whole = list_checkpoints(self._run.checkpoints).whole
        restored_id = self.journal.restored_id
        return bool(whole) and whole[-1].id != restored_id and self.descends(whole[-1].id)

    def _note(self, step: Step, **changes: object) -> None:
        self.journal = advance(self.journal, step, **changes)
        write_journal(self._path, self.journal)

    def _failpoint(self, step: str) -> None:
        failpoint(f"{self.journal.verb}.{step}")
