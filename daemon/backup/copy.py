"""Copying a checkpoint to the backups, and the verified copy that restoring shares."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import msgspec

from daemon.backup.catalog import RECORD, Backup
from daemon.checkpoint.manifest import (
    MANIFEST,
    DamagedCheckpointError,
    Manifest,
    digest_file,
    read_manifest,
)
from daemon.files import commit_folder, make_private_folder


def make_backup(
    checkpoint: Path,
    directory: Path,
    *,
    created_s: float,
    note: str = "",
    pinned: bool = False,
) -> Backup:
    """Copy a checkpoint's folder to a new backup in `directory`.

    Raises DamagedCheckpointError if the checkpoint, or its copy, does not match its manifest, and
    OSError; then no backup is left.
    """
    manifest = read_manifest(checkpoint)
    make_private_folder(directory)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(created_s))
    backup = Backup(
        _free_id(directory, f"{stamp}-{manifest.id}"), created_s, note, pinned, manifest
    )

    def fill(temporary: Path) -> None:
        copy_files(checkpoint, temporary, manifest)
        _copy(checkpoint / MANIFEST, temporary / MANIFEST)
        record = msgspec.json.format(msgspec.json.encode(backup), indent=2)
        (temporary / RECORD).write_bytes(record + b"\n")

    commit_folder(directory / backup.id, fill)
    return backup


def copy_files(source: Path, target: Path, manifest: Manifest) -> None:
    """Copy the files that the manifest names, and nothing else, and verify each copy's digest.

    Raises DamagedCheckpointError naming the file, and OSError.
    """
    for name, expected in manifest.files.items():
        if not (source / name).is_file() or (source / name).is_symlink():
            raise DamagedCheckpointError(f"{source.name}: {name} is missing or not a plain file")
        _copy(source / name, target / name)
        if digest_file(target / name) != expected:
            raise DamagedCheckpointError(f"{source.name}: {name} does not match its SHA-256")


def _copy(source: Path, target: Path) -> None:
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as output:
        reading = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        with os.fdopen(reading, "rb") as stream:
            shutil.copyfileobj(stream, output, 1 << 20)
        output.flush()
        os.fsync(output.fileno())
        # Drop the copy from the page cache: verifying it then reads the disk, not our memory.
        os.posix_fadvise(output.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _free_id(directory: Path, wanted: str) -> str:
    """`wanted`, with a number where two backups of a checkpoint fall into one second."""
    candidate, number = wanted, 1
    while (directory / candidate).exists():
        number += 1
        candidate = f"{wanted}-{number}"
    return candidate
