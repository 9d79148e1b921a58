"""Restoring: a state is staged beside a run's checkpoints and swapped in as the newest one.

Nothing is deleted, and the swap can be undone.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from daemon.backup.restoring.find_state import State
from daemon.backup.verification.verify import extract_checkpoint
from daemon.base.files import fsync_path, make_private_folder, remove_flat_folder, write_atomically
from daemon.base.paths import RunPaths
from daemon.checkpoint.commit import next_sequence
from daemon.checkpoint.manifest import MANIFEST, Manifest, checkpoint_id, encode_record, seal
from daemon.checkpoint.retention import discard

_STAGED = ".rollback-staged"


def staged_folder(run: RunPaths) -> Path:
    """The hidden folder of the state that is being restored; there is one at a time."""
    return run.checkpoints / _STAGED


def stage(state: State, run: RunPaths) -> Path:
    """Copy a verified state with its manifest into the staging folder, and verify each copy.

    Raises DamagedCheckpointError and OSError; then nothing is left.
    """
    folder = staged_folder(run)
    make_private_folder(run.checkpoints)
    remove_flat_folder(folder)
    folder.mkdir(mode=0o700)
    try:
        extract_checkpoint(state.manifest, state.folder, folder)
        (folder / MANIFEST).write_bytes(encode_record(state.manifest))
        for path in folder.iterdir():
            path.chmod(0o600)
            fsync_path(path)
        fsync_path(folder)
    except BaseException:
        remove_flat_folder(folder)
        raise
    return folder


def next_manifest(
    source: Manifest, run: RunPaths, created_s: float, after_sequence: int = 0
) -> Manifest:
    """The manifest with which a staged state becomes the run's newest checkpoint.

    Its sequence is higher than those in use and than `after_sequence`.
    """
    sequence = max(next_sequence(run.checkpoints), after_sequence + 1)
    return seal(
        msgspec.structs.replace(
            source,
            id=checkpoint_id(sequence, source.timesteps, "rollback"),
            sequence=sequence,
            run_id=run.id,
            kind="rollback",
            created_s=created_s,
            restored_from=source.id,
        )
    )


def swap(manifest: Manifest, run: RunPaths) -> None:
    """Make the staged state the run's newest checkpoint by one rename. Raises OSError."""
    folder = staged_folder(run)
    write_atomically(folder / MANIFEST, encode_record(manifest))
    folder.rename(run.checkpoints / manifest.id)
    fsync_path(run.checkpoints)


def restore(state: State, run: RunPaths, *, created_s: float, after_sequence: int = 0) -> Manifest:
    """Stage a state and swap it in, as a checkpoint of kind 'rollback'.

    Raises DamagedCheckpointError and OSError; then nothing is left.
    """
    stage(state, run)
    manifest = next_manifest(state.manifest, run, created_s, after_sequence)
    try:
        swap(manifest, run)
    except OSError:
        remove_staged(run)
        raise
    return manifest


def remove_staged(run: RunPaths) -> None:
    """Remove the staged state, if there is one. Raises OSError."""
    if os.path.lexists(staged_folder(run)):
        remove_flat_folder(staged_folder(run))
        fsync_path(run.checkpoints)


def remove_restored(restored_id: str, run: RunPaths) -> None:
    """Undo `swap`: remove the restored checkpoint; the one before it is the newest again.

    Raises OSError.
    """
    discard(run.checkpoints / restored_id)
