"""Removing from existing copies of `config.json` what earlier versions put into them: secrets.

A backup's record states the digest of its `config.json`, so both are replaced, the record first.
Since `strip` is deterministic, a record whose digest is that of the stripped content shows that
only the second step is missing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from daemon.backup.catalog import list_folders
from daemon.backup.lock import backups_lock
from daemon.backup.record import CONFIG, RECORD, Backup, BackupKey, read_backup
from daemon.base.files import write_atomically
from daemon.base.paths import StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError, FileDigest, encode_record, seal
from daemon.config.frozen import strip


@dataclass(frozen=True)
class Cleaned:
    """What was found in a state folder and its backups."""

    runs: list[str] = field(default_factory=list)
    backups: list[BackupKey] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # a line for each copy that is as it was, and why


def clean(paths: StatePaths, directory: Path) -> Cleaned:
    """Clean the runs of a state folder and the backups in `directory`.

    Raises OSError if a folder cannot be listed; copies that cannot be cleaned are in `kept`.
    """
    done = Cleaned()
    for folder in list_folders(paths.runs):
        config = paths.run(folder.name).config
        try:
            if (stripped := _to_write(config)) is not None:
                write_atomically(config, stripped)
                done.runs.append(folder.name)
        except OSError as error:
            done.kept.append(f"{config}: {error.strerror}")
    for run in list_folders(directory):
        for folder in list_folders(run):
            try:
                if clean_backup(folder):
                    done.backups.append((run.name, folder.name))
            except OSError as error:
                done.kept.append(f"{folder}: {error.strerror or error}")
            except DamagedCheckpointError as error:
                done.kept.append(f"{folder}: {error}")
    return done


def clean_backup(folder: Path) -> bool:
    """Clean a backup; False if there was nothing to do.

    Raises OSError, and DamagedCheckpointError if its record and its `config.json` do not match:
    then nothing is changed.
    """
    if _to_write(folder / CONFIG) is None:
        return False
    with backups_lock(folder.parent.parent):
        content = (folder / CONFIG).read_bytes()
        backup, stripped = without_secrets(read_backup(folder), content)
        write_atomically(folder / RECORD, encode_record(backup))
        write_atomically(folder / CONFIG, stripped)
    return True


def without_secrets(backup: Backup, content: bytes) -> tuple[Backup, bytes]:
    """A backup's record and its `config.json` as they are after cleaning.

    `content`: its `config.json`, which may be cleaned or not, as may be the record. Raises
    DamagedCheckpointError if they do not match.
    """
    stripped = strip(content)
    digest = _digest(stripped)
    if backup.files.get(CONFIG) not in (digest, _digest(content)):
        raise DamagedCheckpointError(f"{backup.id}: {CONFIG} does not match its SHA-256")
    return seal(msgspec.structs.replace(backup, files=backup.files | {CONFIG: digest})), stripped


def _to_write(config: Path) -> bytes | None:
    """The content of a cleaned `config.json`; None if it is missing or clean."""
    if config.is_symlink() or not config.is_file():
        return None
    content = config.read_bytes()
    stripped = strip(content)
    return None if stripped == content else stripped


def _digest(content: bytes) -> FileDigest:
    return FileDigest(len(content), hashlib.sha256(content).hexdigest())
