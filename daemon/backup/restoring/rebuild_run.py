"""Bringing a run back from its backups: as a whole or not at all, and current last of all.

All is put together in a hidden folder beside the runs, whose journal names the run until it is the
current one. So whoever comes after an interruption knows what was not finished.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from daemon.backup.content import extract_file
from daemon.backup.record import COMPRESSED, CONFIG, INCIDENTS, NOTES, Backup
from daemon.backup.restoring.find_state import State
from daemon.backup.restoring.staging import restore
from daemon.base.failpoint import failpoint
from daemon.base.files import fsync_path, make_private_folder, write_atomically
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest
from daemon.config.load import ConfigError, load_frozen
from daemon.runs.run_folder import current_run, set_current

# TensorBoard's files shrink five times or so. What grows further must not fill the disk.
MOST_SHRUNK = 100
ALWAYS_BYTES = 64_000_000


def clear_unfinished(paths: StatePaths) -> str | None:
    """Remove what an interrupted restore left: its hidden folder, its run if it is not current.

    Returns the id of a run that was restored and is the current one, where only the last word was
    missing. Raises OSError.
    """
    staging = _staging(paths)
    if not staging.is_dir():
        return None
    named = _journal(staging)
    current = current_run(paths)
    finished = named if named and current is not None and current.id == named else None
    if named and finished is None:
        run = paths.run(named)
        # One that a trainer has held has been somebody's current run since.
        if run.folder.is_dir() and not run.lease.exists():
            run.folder.rename(staging / "unfinished")
    shutil.rmtree(staging)
    return finished


def unfinished_run(paths: StatePaths) -> str | None:
    """The run of which an interrupted restore left something, if any. Changes nothing."""
    return _journal(_staging(paths))


def unpack_logs(paths: StatePaths, folder: Path, backup: Backup) -> None:
    """Unpack a verified backup of logs for the `rebuild` of its run that follows.

    Raises DamagedCheckpointError, then nothing of it is left, and OSError.
    """
    tensorboard = RunPaths(_staging(paths) / backup.run_id).tensorboard
    make_private_folder(tensorboard)
    try:
        for stored, digest in backup.files.items():
            name = stored.removesuffix(COMPRESSED)
            limit_bytes = ALWAYS_BYTES + MOST_SHRUNK * digest.size_bytes
            extract_file(folder, name, tensorboard / name, limit_bytes=limit_bytes)
    except DamagedCheckpointError:
        shutil.rmtree(tensorboard)
        raise


def rebuild(
    paths: StatePaths,
    state: State,
    run_id: str,
    *,
    created_s: float,
    after_sequence: int,
) -> Manifest:
    """Make a run of a verified backup of a checkpoint, beside the logs unpacked before.

    Its newest checkpoint, of kind 'rollback', is the state. The run is the current one then. The
    caller holds the state folder's lock and has called `clear_unfinished`.

    Raises FileExistsError if there is such a run, DamagedCheckpointError, OSError.
    """
    run = paths.run(run_id)
    if run.folder.exists():
        raise FileExistsError(f"{run.folder} exists")
    staging = _staging(paths)
    staged = RunPaths(staging / run_id)
    for folder in (staged.folder, staged.checkpoints, staged.tensorboard, staged.evaluations):
        make_private_folder(folder)
    _unpack(state, staged)
    incidents = staging / INCIDENTS
    if (state.folder / INCIDENTS).is_file() and not paths.incidents.exists():
        extract_file(state.folder, INCIDENTS, incidents)
    failpoint("restore.unpacked")
    placed = restore(state, staged, created_s=created_s, after_sequence=after_sequence)
    for path in (*staged.folder.rglob("*"), staged.folder):
        fsync_path(path)
    failpoint("restore.placed")
    write_atomically(staging / "journal", run_id.encode())
    staged.folder.rename(run.folder)
    fsync_path(paths.runs)
    failpoint("restore.renamed")
    if incidents.exists():
        incidents.rename(paths.incidents)
    set_current(paths, run_id)
    failpoint("restore.pointed")
    shutil.rmtree(staging)
    return placed


def _unpack(state: State, staged: RunPaths) -> None:
    for name, target in ((CONFIG, staged.config), (NOTES, staged.notes)):
        if (state.folder / name).is_file():
            extract_file(state.folder, name, target)
    where = state.manifest.id
    try:
        algorithm = load_frozen(staged.config).run.algorithm
    except ConfigError as error:
        fault = str(error).replace(str(staged.config), CONFIG)
        raise DamagedCheckpointError(f"{where}: {fault}") from None
    if algorithm != state.manifest.algorithm:
        raise DamagedCheckpointError(
            f"{where}: {CONFIG} is of {algorithm}, its checkpoint of {state.manifest.algorithm}"
        )


def _staging(paths: StatePaths) -> Path:
    return paths.runs / ".restore"


def _journal(staging: Path) -> str | None:
    try:
        return (staging / "journal").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
