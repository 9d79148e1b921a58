"""Verifying a backup, and extracting a checkpoint from it. Never unpickles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from daemon.backup.content import extract_file, verify_content
from daemon.backup.record import COMPRESSED, Backup, read_backup
from daemon.checkpoint.manifest import (
    MANIFEST,
    DamagedCheckpointError,
    FileDigest,
    Manifest,
    decode_manifest,
    digest_file,
    read_record_file,
)


def verify_backup(folder: Path) -> Backup:
    """Check every file of a backup, by its record and by its checkpoint's manifest.

    Raises DamagedCheckpointError naming the file, OSError.
    """
    backup = read_backup(folder)
    for fault in find_faults(folder, backup):
        raise DamagedCheckpointError(fault)
    return backup


def find_faults(folder: Path, backup: Backup) -> Iterator[str]:
    """Yield a line for each file in `folder` that does not match the backup's record.

    Reads every byte. Raises OSError.
    """
    damaged = set()
    for name, expected in backup.files.items():
        path = folder / name
        if path.is_symlink() or not path.is_file():
            damaged.add(name)
            yield f"{backup.id}: {name} is missing or not a plain file"
        elif digest_file(path) != expected:
            damaged.add(name)
            yield f"{backup.id}: {name} does not match its SHA-256"
    manifest = backup.checkpoint
    if manifest is None:
        return
    checks: dict[str, Callable[[], None]] = {MANIFEST: partial(_check_manifest, folder, manifest)}
    for name, expected in manifest.files.items():
        stored = name if name in backup.files else f"{name}{COMPRESSED}"
        checks[stored] = partial(_check_content, folder / stored, backup.files[stored], expected)
    for stored, check in checks.items():
        try:
            if stored not in damaged:
                check()
        except DamagedCheckpointError as error:
            yield str(error)


def _check_manifest(folder: Path, expected: Manifest) -> None:
    if decode_manifest(read_record_file(folder, MANIFEST), MANIFEST) != expected:
        raise DamagedCheckpointError(
            f"{expected.id}: {MANIFEST} differs from the one in its record"
        )


def _check_content(stored: Path, as_stored: FileDigest, expected: FileDigest) -> None:
    if stored.suffix == COMPRESSED:
        verify_content(stored, expected)
    elif as_stored != expected:
        raise DamagedCheckpointError(
            f"{stored.parent.name}: {stored.name} does not match its checkpoint's manifest"
        )


def extract_checkpoint(manifest: Manifest, folder: Path, into: Path) -> None:
    """Copy a checkpoint's files, without its manifest, from its own folder or a backup's.

    Raises DamagedCheckpointError naming a file that does not match the manifest, and OSError.
    """
    for name, expected in manifest.files.items():
        extract_file(folder, name, into / name, limit_bytes=expected.size_bytes)
        verify_content(into / name, expected)
