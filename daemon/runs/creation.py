"""Creating a run: it appears whole, by one rename, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from daemon.base.files import fsync_path, make_private_folder, write_atomically
from daemon.base.leftovers import temporary_beside, unfinished
from daemon.base.machine import machine_name
from daemon.base.paths import RunPaths, StatePaths
from daemon.config.fingerprint import fingerprint, versions
from daemon.config.schema import Config
from daemon.runs import notes
from daemon.runs.lock import runs_lock
from daemon.runs.metadata import Parent, RunMetadata, read_metadata, write_metadata
from daemon.runs.names import made_up_name
from daemon.runs.run_folder import all_runs, write_run_config

_TAKEN = (errno.ENOTEMPTY, errno.EEXIST)
Fill = Callable[[RunPaths, str], None]


def create_run(
    paths: StatePaths,
    config: Config,
    created_s: float | None = None,
    *,
    name: str | None = None,
    tags: Collection[str] = (),
    parent: Parent | None = None,
    fill: Fill = lambda _, __: None,
) -> RunPaths:
    """Create a run's folder with its frozen configuration; the current run does not change.

    It is built in a hidden folder, and renamed. `created_s` (Unix, now by default) is in the id, as
    local time; `name`: a made-up one by default; `fill` adds to the hidden folder and gets the id
    that the run will have. What killed creations left is removed first. Meanwhile no run is
    removed or renamed. Raises OSError, and what `fill` raises; then nothing is left.
    """
    began_s = time.time() if created_s is None else created_s
    metadata = RunMetadata(
        name=name or "",
        tags=tuple(sorted(set(tags))),
        created_s=began_s,
        parent=parent,
        fingerprint=fingerprint(config),
        versions=versions(),
        machine=machine_name(),
    )
    make_private_folder(paths.runs, parents=True)
    with runs_lock(paths):
        remove_unfinished_runs(paths)
        return _create(paths, config, metadata, fill)


def _create(paths: StatePaths, config: Config, metadata: RunMetadata, fill: Fill) -> RunPaths:
    while True:
        run = paths.run(_new_id(config, metadata.created_s))
        if run.folder.exists():
            continue
        temporary = temporary_beside(run.folder)
        try:
            _build(RunPaths(temporary), run, config, _named(metadata, paths, run.id), fill)
            temporary.rename(run.folder)
        except OSError as error:
            shutil.rmtree(temporary, ignore_errors=True)
            if error.errno in _TAKEN and run.folder.exists():
                continue  # another start of the same second drew the same id
            raise
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        fsync_path(paths.runs)
        return run


def remove_unfinished_runs(paths: StatePaths) -> list[Path]:
    """Remove and return the folders of creations that were killed. Raises OSError.

    The caller holds the lock of the runs.
    """
    found = unfinished(paths.runs)
    for folder in found:
        shutil.rmtree(folder)
    return found


def _build(
    building: RunPaths, run: RunPaths, config: Config, metadata: RunMetadata, fill: Fill
) -> None:
    building.folder.mkdir(mode=0o700)
    for folder in (building.checkpoints, building.tensorboard, building.evaluations):
        make_private_folder(folder)
    write_run_config(building, config)
    write_atomically(building.notes, notes.BLANK.encode())
    write_metadata(building, metadata)
    fill(building, run.id)
    fsync_path(building.folder)


def _named(metadata: RunMetadata, paths: StatePaths, run_id: str) -> RunMetadata:
    if metadata.name:
        return metadata
    taken = {read_metadata(run).name for run in all_runs(paths)}
    return msgspec.structs.replace(metadata, name=made_up_name(run_id, taken))


def _new_id(config: Config, created_s: float) -> str:
    instant = time.strftime("%Y%m%d-%H%M%S", time.localtime(created_s))
    return f"{instant}-{config.run.mode}-{config.run.algorithm}-{os.urandom(2).hex()}"
