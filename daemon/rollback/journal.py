"""The journal of the last rollback: from where to where, and which step was reached.

| Step     | What is on the disk                                     | A kill here is followed by |
|----------|---------------------------------------------------------|----------------------------|
| staging  | maybe a hidden copy of the state                        | revert: remove the copy    |
| stopped  | the copy, whole; the trainer's last checkpoint          | revert                     |
| swapping | the copy, being renamed to `restored_id`                | finish if it was renamed   |
| swapped  | the restored state is the run's newest checkpoint       | finish: training resumes   |
| running  | the same; a trainer has resumed from it                 | finish: it is monitored    |
| over     | the same, monitored and reported                        | nothing                    |
| reverted | all as before the rollback                              | nothing                    |
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from daemon.backup.record import read_backup
from daemon.base.files import aside_path, fsync_path, write_atomically
from daemon.base.paths import RunPaths
from daemon.checkpoint.manifest import (
    DamagedCheckpointError,
    Manifest,
    Sealed,
    decode_record,
    encode_record,
    read_manifest,
    seal,
)

Step = Literal["staging", "stopped", "swapping", "swapped", "running", "over", "reverted"]
LEGAL: dict[Step, frozenset[Step]] = {
    "staging": frozenset({"stopped", "reverted"}),
    "stopped": frozenset({"swapping", "reverted"}),
    "swapping": frozenset({"swapped", "reverted"}),
    "swapped": frozenset({"running", "reverted"}),
    "running": frozenset({"over", "reverted"}),
    "over": frozenset(),
    "reverted": frozenset(),
}
ENDED: frozenset[Step] = frozenset({"over", "reverted"})
CHANGED: frozenset[Step] = frozenset({"swapped", "running", "over"})


class Journal(Sealed, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rollback. Times are Unix seconds."""

    run_id: str
    verb: Literal["rollback", "undo"]
    step: Step
    to: Manifest  # of the state that is restored
    by: str  # the user or alert rule that requested it
    automatic: bool
    why: str  # the reason, and the training's state at that time
    began_s: float
    was_training: bool
    live: Manifest | None = None  # the newest checkpoint before the swap, once it is known
    restored_id: str | None = None  # from swapping on
    running_s: float | None = None  # when training resumed
    success_rate: float | None = None  # of the first evaluation afterwards
    previous: Journal | None = None  # the journal before this one, put back by a revert

    def without_previous(self) -> Journal:
        """A copy without `previous`."""
        return msgspec.structs.replace(self, previous=None)


def advance(journal: Journal, step: Step, **changes: object) -> Journal:
    """The journal at its next step."""
    assert step in LEGAL[journal.step], f"rollback step {journal.step} -> {step}"
    return msgspec.structs.replace(journal, step=step, **changes)


def reverted(journal: Journal) -> Journal:
    """The journal after a revert: the previous rollback's, if there was one."""
    after = advance(journal, "reverted")
    return after if journal.previous is None else journal.previous


def write_journal(path: Path, journal: Journal) -> None:
    """Replace the journal. Raises OSError."""
    write_atomically(path, encode_record(seal(journal)))


def read_journal(path: Path) -> Journal | None:
    """The journal of the last rollback; None where there was none.

    Raises DamagedCheckpointError for one that cannot be read, and OSError.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    return decode_record(content, path.name, Journal)


def set_journal_aside(path: Path, now_s: float) -> Path:
    """Rename a damaged journal; returns its new path. `now_s`: Unix time. Raises OSError."""
    aside = aside_path(path, now_s)
    path.replace(aside)
    fsync_path(path.parent)
    return aside


def undo_refusal(journal: Journal | None, run: RunPaths, backups: Path | None = None) -> str | None:
    """Why no rollback of the current run `run` can be undone; None if one can.

    With the folder of the `backups` also if the state before it is not there any more.
    """
    if journal is None or journal.step not in CHANGED or journal.run_id != run.id:
        return f"no rollback of run {run.id} to undo; `landerctl backups` lists its states"
    if journal.live is None:
        return f"before the rollback to {journal.to.id} the run had no checkpoint"
    if backups is not None and not _is_there(journal.live, run, backups):
        return (
            f"{journal.live.id}, the state before the rollback to {journal.to.id}, is not there "
            "any more; `landerctl backups` lists the states"
        )
    return None


def _is_there(manifest: Manifest, run: RunPaths, backups: Path) -> bool:
    """Whether a checkpoint or a backup is of this state. Digests of files are not verified."""
    try:
        return read_manifest(run.checkpoints / manifest.id) == manifest
    except (DamagedCheckpointError, OSError):
        pass
    try:
        return read_backup(backups / run.id / manifest.id).checkpoint == manifest
    except (DamagedCheckpointError, OSError):
        return False
