"""The scratch folder of a drill, and removing those of drills that were killed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from daemon.base.files import make_private_folder
from daemon.base.identity import flock_is_held
from daemon.base.leftovers import temporary_beside, unfinished
from daemon.base.paths import StatePaths


@contextmanager
def scratch_folder(paths: StatePaths, drill: str) -> Iterator[Path]:
    """A folder, mode 0700, that is removed at the end. Raises OSError."""
    make_private_folder(paths.drills)
    remove_abandoned(paths)
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
