"""Verifying a backup, and taking a checkpoint out of it. Never unpickles."""

from __future__ import annotations

from pathlib import Path

from daemon.backup.content import take_out, verify_content
from daemon.backup.record import COMPRESSED, Backup, read_backup
from daemon.checkpoint.manifest import (
    MANIFEST,
    DamagedCheckpointError,
    Manifest,
    digest_file,
    read_manifest,
)


def verify_backup(folder: Path) -> Backup:
    """Check every file of a backup, by its record and by its checkpoint's manifest.

    Raises DamagedCheckpointError naming the file, OSError.
    """
    backup = read_backup(folder)
    for name, expected in backup.files.items():
        path = folder / name
        if path.is_symlink() or not path.is_file():
            raise DamagedCheckpointError(f"{folder.name}: {name} is missing or not a plain file")
        if digest_file(path) != expected:
            raise DamagedCheckpointError(f"{folder.name}: {name} does not match its SHA-256")
    manifest = backup.checkpoint
    if manifest is None:
        return backup
    if read_manifest(folder) != manifest:
        raise DamagedCheckpointError(f"{folder.name}: {MANIFEST} is not the one it was made with")
    for name, expected in manifest.files.items():
        if name in backup.files and backup.files[name] != expected:
            raise DamagedCheckpointError(f"{folder.name}: {name} is not its checkpoint's")
        if name not in backup.files:
            verify_content(folder / f"{name}{COMPRESSED}", expected)
    return backup


def extract(manifest: Manifest, folder: Path, into: Path) -> None:
    """Copy a checkpoint's files, without its manifest, out of its own folder or a backup's.

    Raises DamagedCheckpointError naming the file whose content is not what the manifest expects,
    and OSError.
    """
    for name, expected in manifest.files.items():
        take_out(folder, name, into / name)
        verify_content(into / name, expected)
