"""The scratch folder of a drill, and removing those of drills that were killed."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from daemon.base.files import make_private_folder
from daemon.base.identity import flock_is_held
from daemon.base.leftovers import temporary_beside, unfinished
from daemon.base.paths import StatePaths

# A drill writes some hundred MB; what is left then must do for the training's own checkpoints.
NEEDED_BYTES = 2_000_000_000
BYTES_PER_GB = 1e9


class DrillsBusyError(Exception):
    """Other drills run in this state folder. The message is one line for the user."""


@contextmanager
def drills_lock(paths: StatePaths) -> Iterator[None]:
    """Held while drills run: two at a time would spoil each other's times.

    Raises DrillsBusyError and OSError. The kernel releases it when this process dies.
    """
    make_private_folder(paths.drills, parents=True)  # it may be the first thing done here
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    descriptor = os.open(paths.drills / ".lock", flags, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = f"{paths.drills}: other drills run; try again when they have ended"
            raise DrillsBusyError(text) from None
        yield
    finally:
        os.close(descriptor)


@contextmanager
def scratch_folder(paths: StatePaths, drill: str) -> Iterator[Path]:
    """A folder, mode 0700, that is removed at the end. Raises OSError, also if space is short."""
    make_private_folder(paths.drills, parents=True)
    remove_abandoned(paths)
    free_bytes = shutil.disk_usage(paths.drills).free
    if free_bytes < NEEDED_BYTES:
        text = (
            f"{free_bytes / BYTES_PER_GB:.1f} GB are free, a drill needs "
            f"{NEEDED_BYTES / BYTES_PER_GB:g} GB"
        )
        raise OSError(errno.ENOSPC, text, str(paths.drills))
    folder = temporary_beside(paths.drills / drill)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(paths: StatePaths) -> list[Path]:
    """Remove what killed drills left, unless a process of theirs still saves. Raises OSError."""
    removed: list[Path] = []
    for folder in unfinished(paths.drills):
        if not _in_use(folder):
            shutil.rmtree(folder)
            removed.append(folder)
    return removed


def _in_use(folder: Path) -> bool:
    """Whether a daemon or a trainer, which end with the drill, has not ended yet."""
    for parent, _, files in os.walk(folder):
        locks = [Path(parent, name) for name in files if name.endswith(".lock")]
        if any(flock_is_held(path) for path in locks):
            return True
    return False
