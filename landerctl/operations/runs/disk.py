"""What a run uses on the disk, in bytes as `du --apparent-size` counts them."""

from __future__ import annotations

import os
from pathlib import Path

from daemon.base.paths import RunPaths
from landerctl.operations.runs.summary import DiskUse


def disk_use(run: RunPaths, backups: Path) -> DiskUse:
    """Of a run, and of its backups in the folder of all backups. Raises OSError."""
    folders = (run.checkpoints, run.tensorboard, run.evaluations)
    checkpoints, tensorboard, evaluations = map(size_of, folders)
    return DiskUse(
        checkpoints,
        tensorboard,
        evaluations,
        other=size_of(run.folder) - checkpoints - tensorboard - evaluations,
        backups=size_of(backups / run.id),
    )


def size_of(folder: Path | str) -> int:
    """The sum of the sizes of a folder's files, links not followed; 0 if it is missing.

    What is removed meanwhile counts nothing. Raises OSError.
    """
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    total += size_of(entry.path)
                else:
                    total += _file_size(entry)
    except FileNotFoundError:
        pass
    return total


def _file_size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return 0
