"""Rebuilding a run from its backups, atomically; it becomes the current run as the last step.

The run is assembled in a hidden folder beside the runs, with a journal that names it. The folder
is removed at the end, so after an interruption the journal shows what was not finished.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from daemon.backup.content import extract_file
from daemon.backup.record import COMPRESSED, CONFIG, CURVES, INCIDENTS, METADATA, NOTES, Backup
from daemon.backup.restoring.find_state import State
from daemon.backup.restoring.staging import restore
from daemon.base.failpoint import failpoint
from daemon.base.files import fsync_path, make_private_folder, write_atomically
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest
from daemon.config.frozen import load_frozen, strip
from daemon.config.judging.error import ConfigError
from daemon.runs.metadata import read_metadata, write_metadata
from daemon.runs.names import free_name, made_up_name, name_fault
from daemon.runs.run_folder import all_runs, current_run, set_current

# TensorBoard's files compress about 5:1. A decompression bomb must not fill the disk.
MAX_COMPRESSION = 100
ALLOWED_BYTES = 64_000_000


def clear_unfinished(paths: StatePaths) -> str | None:
    """Remove what an interrupted restore left: its hidden folder, its run if it is not current.

    Returns the run's id if it was restored and made current, so that only the cleanup was missing;
    else None. Raises OSError.
    """
    staging = _staging(paths)
    if not staging.is_dir():
        return None
    named = _journal(staging)
    current = current_run(paths)
    finished = named if named and current is not None and current.id == named else None
    if named and finished is None:
        run = paths.run(named)
        # A run with a trainer's lease has been used since: keep it.
        if run.folder.is_dir() and not run.lease.exists():
            run.folder.rename(staging / "unfinished")
    shutil.rmtree(staging)
    return finished


def unfinished_run(paths: StatePaths) -> str | None:
    """The id of the run that an interrupted restore left unfinished, or None. Reads only."""
    return _journal(_staging(paths))


def unpack_logs(paths: StatePaths, folder: Path, backup: Backup) -> None:
    """Unpack a verified backup of logs for the `rebuild` of its run that follows.

    Raises DamagedCheckpointError (then no logs are left) and OSError.
    """
    tensorboard = RunPaths(_staging(paths) / backup.run_id).tensorboard
    make_private_folder(tensorboard, parents=True)
    try:
        for stored, digest in backup.files.items():
            name = stored.removesuffix(COMPRESSED)
            limit_bytes = ALLOWED_BYTES + MAX_COMPRESSION * digest.size_bytes
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
    """Build a run from a verified backup and the logs unpacked before; it becomes the current run.

    The state becomes its newest checkpoint, of kind 'rollback'; returns its manifest. The caller
    holds the state folder's lock and has called `clear_unfinished`.

    Raises FileExistsError if the run exists, DamagedCheckpointError, OSError.
    """
    run = paths.run(run_id)
    if run.folder.exists():
        raise FileExistsError(f"{run.folder} exists")
    staging = _staging(paths)
    staged = RunPaths(staging / run_id)
    for folder in (staged.folder, staged.checkpoints, staged.tensorboard, staged.evaluations):
        make_private_folder(folder, parents=True)
    _unpack(state, staged)
    _name(paths, staged)
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
    targets = {
        CONFIG: staged.config,
        METADATA: staged.metadata,
        CURVES: staged.curves,
        NOTES: staged.notes,
    }
    for name, target in targets.items():
        if (state.folder / name).is_file():
            extract_file(state.folder, name, target)
    where = state.manifest.id
    if staged.config.is_file():
        write_atomically(staged.config, strip(staged.config.read_bytes()))
    try:
        algorithm = load_frozen(staged.config).run.algorithm
    except ConfigError as error:
        fault = str(error).replace(str(staged.config), CONFIG)
        raise DamagedCheckpointError(f"{where}: {fault}") from None
    if algorithm != state.manifest.algorithm:
        raise DamagedCheckpointError(
            f"{where}: {CONFIG} is for {algorithm}, its checkpoint for {state.manifest.algorithm}"
        )


def _name(paths: StatePaths, staged: RunPaths) -> None:
    """Give the run a name that no other has: that of its backup, if it is valid and free."""
    metadata = read_metadata(staged)
    name = made_up_name(staged.id) if name_fault(metadata.name) else metadata.name
    taken = {read_metadata(run).name for run in all_runs(paths)}
    write_metadata(
        staged,
        msgspec.structs.replace(metadata, name=free_name(name, taken), archived_s=None),
    )


def _staging(paths: StatePaths) -> Path:
    return paths.runs / ".restore"


def _journal(staging: Path) -> str | None:
    try:
        return (staging / "journal").read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None
