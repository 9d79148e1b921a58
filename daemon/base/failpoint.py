"""Named places where a test makes this process fail: killed, or as if the disk did.

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

# Each is passed when what it says has been done, and nothing after it.
FAILPOINTS = {
    "backup.begun": "a backup's hidden folder is made",
    "backup.copied": "its files are copied, none is verified",
    "backup.recorded": "its record is written, the folder still hidden",
    "backup.committed": "the folder has its name",
    "prune.written": "the journal says what goes, all of it is still there",
    "prune.hidden": "a backup has lost its name, not its files",
    "prune.removed": "its tag and its files are gone, other backups' may not be",
    "import.begun": "the archive's record is sound, the hidden folder is made",
    "import.copied": "the archive's files are copied, none is verified",
    "import.recorded": "all are verified and the record is written, the folder still hidden",
    "import.committed": "the folder has its name",
    **{
        f"{verb}.{step}": meaning
        for verb in ("rollback", "undo")
        for step, meaning in (
            ("journaled", "the journal says that it begins"),
            ("staged", "the state is copied into its hidden folder"),
            ("exited", "the trainer has exited, the run's checkpoints are not listed yet"),
            ("stopped", "the journal names the state before"),
            ("swapping", "the journal names the restored checkpoint to be"),
            ("swapped", "the restored checkpoint has its name"),
            ("noted", "the journal says so"),
            ("running", "training has gone on from it"),
        )
    },
    "restore.fetched": "a backup's files are fetched from a target, the folder still hidden",
    "restore.kept": "the backups are in the local backups folder, the logs unpacked",
    "restore.unpacked": "so are configuration and notes, in the run's hidden folder",
    "restore.placed": "so is the checkpoint; all is on the disk",
    "restore.renamed": "the run's folder has its name, and is not the current one",
    "restore.pointed": "it is the current one",
}

_armed: list[str] = [named] if (named := os.environ.get(VARIABLE)) else []


def failpoint(name: str) -> None:
    """Fail here if this point is armed. Raises OSError (no space, input/output error)."""
    if _armed:
        _strike(name)


def _strike(name: str) -> None:
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
