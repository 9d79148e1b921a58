"""What a backup is, and which there are.

A backup's folder holds a checkpoint's files and manifest, and `backup.json`, written last.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from daemon.checkpoint.catalog import read_entries
from daemon.checkpoint.manifest import (
    DamagedCheckpointError,
    Manifest,
    read_manifest,
    read_record,
)
from daemon.config.schema import Config
from daemon.paths import StatePaths

RECORD = "backup.json"


class Backup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A checkpoint's copy. `created_s`: Unix time of the copy, not of the checkpoint."""

    id: str
    created_s: float
    note: str
    pinned: bool
    manifest: Manifest


@dataclass(frozen=True)
class BackupListing:
    """The backups of one folder. Digests are not verified here: that reads every byte."""

    whole: list[Backup]  # ascending in time
    damaged: list[tuple[Path, str]]  # folder, and what is wrong with it


def backup_directory(config: Config, paths: StatePaths) -> Path:
    """Where backups go: backup.directory, seen from the state folder, or backups/ in there."""
    named = config.backup.directory
    return paths.home / Path(named).expanduser() if named else paths.backups


def scan(directory: Path) -> BackupListing:
    """Read all records; an absent directory has none. Raises OSError."""
    whole, damaged = read_entries(directory, _read)
    return BackupListing(sorted(whole, key=lambda backup: (backup.created_s, backup.id)), damaged)


def list_backups(directory: Path) -> list[Backup]:
    """The backups that can be read, ascending in time. Raises OSError."""
    return scan(directory).whole


def _read(entry: Path) -> Backup:
    backup = read_record(entry, RECORD, Backup)
    if backup.id != entry.name:
        raise DamagedCheckpointError(f"{entry.name}: its record is that of {backup.id}")
    if read_manifest(entry) != backup.manifest:
        raise DamagedCheckpointError(f"{entry.name}: its manifest is not the one it was made with")
    return backup
