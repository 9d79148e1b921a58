"""Named places where a test makes this process fail: by SIGKILL or by a disk error.

`LANDERCTL_FAILPOINT=backup.copied:kill` arms one. `kill` is SIGKILL; `enospc` and `eio` raise the
OSError that a full or a broken disk raises, once. Without the variable a failpoint does nothing.
"""

from __future__ import annotations

import errno
import os
import signal
from typing import NoReturn

VARIABLE = "LANDERCTL_FAILPOINT"
ACTIONS = {"kill": None, "enospc": errno.ENOSPC, "eio": errno.EIO}

# Each is reached when the step it names is done and the next one has not begun.
FAILPOINTS = {
    "backup.begun": "a backup's hidden folder is created",
    "backup.copied": "its files are copied, none is verified yet",
    "backup.recorded": "its record is written, the folder is still hidden",
    "backup.committed": "the folder has its final name",
    "prune.written": "the journal lists what to remove, nothing is removed yet",
    "prune.hidden": "a backup is renamed to a hidden name, its files are still there",
    "prune.removed": "its tag and files are removed, other backups may still be listed",
    "import.begun": "the archive's record is valid, the hidden folder is created",
    "import.copied": "the archive's files are copied, none is verified yet",
    "import.recorded": "all are verified and the record is written, the folder is still hidden",
    "import.committed": "the folder has its final name",
    **{
        f"{verb}.{step}": meaning
        for verb in ("rollback", "undo")
        for step, meaning in (
            ("journaled", "the journal is written"),
            ("staged", "the state is copied into its hidden folder"),
            ("exited", "the trainer has exited, the run's checkpoints are not listed yet"),
            ("stopped", "the journal names the previous state"),
            ("swapping", "the journal names the restored checkpoint that will be created"),
            ("swapped", "the restored checkpoint has its final name"),
            ("noted", "the journal records the swap"),
            ("running", "training has resumed from it"),
        )
    },
    "fork.begun": "configuration and metadata are in the new run's hidden folder",
    "fork.copied": "the parent's state is copied there, with its own counters and records",
    "fork.adapted": "the counters and records are those of the fork, the state has no manifest",
    "fork.sealed": "its manifest is written; all is flushed to disk",
    "fork.committed": "the run's folder has its final name, but is not the current run",
    "restore.fetched": "a backup's files are fetched from a target, the folder is still hidden",
    "restore.kept": "the backups are in the local backups folder, the logs unpacked",
    "restore.unpacked": "configuration and notes are in the run's hidden folder",
    "restore.placed": "the checkpoint is there as well; all is flushed to disk",
    "restore.renamed": "the run's folder has its final name, but is not the current run",
    "restore.pointed": "it is the current run",
    "remove.begun": "a run may be removed, nothing is changed yet",
    "remove.hidden": "its folder is renamed to a hidden name: the run is removed",
    "remove.backups": "its backups that are not pinned are removed too, if that was asked for",
    "remove.removed": "its files are removed, no event is recorded yet",
}

# Those of a sweep's coordinator: before and after each of its writes.
SWEEP_FAILPOINTS = {
    f"sweep.{write}.{when}": f"{meaning} {'will be' if when == 'before' else 'is'} in the store"
    for write, meaning in (
        ("resumed", "that the trials of a dead coordinator wait again"),
        ("proposed", "a new trial"),
        ("starting", "that legs begin, which the engine does not know yet"),
        ("observed", "what trials reached"),
        ("decided", "what the scheduler decided about paused trials"),
        ("noted", "that the sweep paused, continued or ended"),
    )
    for when in ("before", "after")
}

_armed: list[str] = [named] if (named := os.environ.get(VARIABLE)) else []


def failpoint(name: str) -> None:
    """Fail here if this point is armed. Raises OSError (no space, input/output error)."""
    if _armed:
        _trigger(name)


def _trigger(name: str) -> None:
    point, _, action = _armed[0].partition(":")
    if point != name:
        return
    _armed.clear()
    number = ACTIONS[action]
    if number is None:
        _die()
    raise OSError(number, os.strerror(number), f"failpoint {name}")


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("SIGKILL was survived")
