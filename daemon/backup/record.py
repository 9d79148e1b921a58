"""A backup's record: the commit of a folder of files, and what vouches for them.

The layout, of a folder as of an object store's prefix::

    <run>/
        <checkpoint's id>/
            the checkpoint's files    as they are; a large replay buffer as <name>.zst
            manifest.json             the checkpoint's
            config.json               the run's frozen configuration
            notes.md, incidents.md    where there are such
            backup.json               this, written last
        <checkpoint's id>.tag         a note, a pin: what may change about an immutable folder
        logs-<date>/
            events.out.tfevents.*     the run's TensorBoard files up to that day, or <name>.zst
            backup.json
        logs-<date>-<time>/           more of that day: the run ended
        verified.json                 what the last verifications found
    pruned.jsonl                      what was removed, when and why

So a person restores one with `cp`, and `zstd -d` for the large files.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import msgspec

from daemon.checkpoint.manifest import (
    FILE_NAMES,
    MANIFEST,
    DamagedCheckpointError,
    FileDigest,
    Manifest,
    Sealed,
    decode_record,
    read_record_file,
)

RECORD = "backup.json"
FORMAT = 1
COMPRESSED = ".zst"
CONFIG = "config.json"
NOTES = "notes.md"
INCIDENTS = "incidents.md"
TAG = ".tag"

_LOGS = re.compile(r"^logs-\d{8}(-\d{6})?$")
_EVENTS = re.compile(r"^events\.out\.tfevents\.[A-Za-z0-9._-]{1,180}$")
_CHECKPOINT = re.compile(r"^\d{6,}-\d+-[a-z]+$")
_RUN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,100}$")


BackupKey = tuple[str, str]  # a backup's run and id


class Backup(Sealed, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a backup is. `created_s`: Unix time of the copy, not of the checkpoint."""

    format: int
    id: str  # the folder's name: the checkpoint's id, or that of logs
    run_id: str
    created_s: float
    checkpoint: Manifest | None  # None: logs
    files: dict[str, FileDigest]  # as they are stored; all but this record

    @property
    def size_bytes(self) -> int:
        """Sum of the stored files' sizes."""
        return sum(file.size_bytes for file in self.files.values())


class Tag(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What may change about a backup. A pinned one is kept for ever."""

    note: str = ""
    pinned: bool = False


def logs_id(created_s: float, *, more: bool = False) -> str:
    """The id of a day's logs, by local time; `more`: of logs of a day that has some already."""
    form = "logs-%Y%m%d-%H%M%S" if more else "logs-%Y%m%d"
    return time.strftime(form, time.localtime(created_s))


def is_checkpoint_id(name: str) -> bool:
    """Whether a backup of this name would hold a checkpoint."""
    return _CHECKPOINT.match(name) is not None


def decode_backup(content: bytes, where: str) -> Backup:
    """Read a record from its file's content; `where` names it. Raises DamagedCheckpointError.

    No record that this returns names a place outside of its backup's folder.
    """
    backup = decode_record(content, where, Backup)
    if backup.format != FORMAT:
        raise DamagedCheckpointError(
            f"{where}: format {backup.format}, this version reads {FORMAT}"
        )
    manifest = backup.checkpoint
    if not _RUN.match(backup.run_id):
        raise DamagedCheckpointError(f"{where}: {backup.run_id!r} is no run's id")
    if manifest is None:
        strange = [name for name in backup.files if not _EVENTS.match(_original(name))]
        known = _LOGS.match(backup.id) is not None
    else:
        expected = {*manifest.files, MANIFEST}
        names = {_original(name) for name in backup.files}
        strange = sorted(names - expected - {CONFIG, NOTES, INCIDENTS})
        strange += sorted(expected - names) or sorted(set(manifest.files) - FILE_NAMES)
        known = is_checkpoint_id(backup.id)
        known = known and (manifest.id, manifest.run_id) == (backup.id, backup.run_id)
    if not known:
        raise DamagedCheckpointError(f"{where}: {backup.id!r} is not the id of what it holds")
    if strange:
        raise DamagedCheckpointError(f"{where}: {strange[0]!r} is not a file of such a backup")
    return backup


def read_backup(folder: Path) -> Backup:
    """Read the record of a backup's folder. Raises DamagedCheckpointError, OSError."""
    backup = decode_backup(read_record_file(folder, RECORD), f"{folder.name}: {RECORD}")
    if (backup.run_id, backup.id) != (folder.parent.name, folder.name):
        raise DamagedCheckpointError(
            f"{folder.name}: {RECORD} is that of {backup.run_id}/{backup.id}"
        )
    return backup


def _original(name: str) -> str:
    return name.removesuffix(COMPRESSED)
