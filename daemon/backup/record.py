"""A backup's record, backup.json: it commits a folder of files and states their digests.

The layout, the same in a folder and under an object store's prefix::

    <run>/
        <checkpoint's id>/
            the checkpoint's files    unchanged; a large replay buffer as <name>.zst
            manifest.json             the checkpoint's
            config.json               the run's frozen configuration
            run.json                  the run's name, tags and origin, as of then
            curves.json               its thinned series
            notes.md, incidents.md    if they exist
            backup.json               this, written last
        <checkpoint's id>.tag         note and pin: what may change; the folder is immutable
        logs-<date>/
            events.out.tfevents.*     the run's TensorBoard files up to that day, or <name>.zst
            backup.json
        logs-<date>-<time>/           a second one on a day, at the run's end
        verified.json                 what the last verifications found
    pruned.jsonl                      what was removed, when and why

So `cp`, and `zstd -d` for the large files, are enough to restore one by hand.
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
FORMAT = 2
READABLE = frozenset({1, FORMAT})  # 2 added run.json and curves.json
COMPRESSED = ".zst"
CONFIG = "config.json"
METADATA = "run.json"
CURVES = "curves.json"
NOTES = "notes.md"
INCIDENTS = "incidents.md"
EXTRAS = frozenset({CONFIG, METADATA, CURVES, NOTES, INCIDENTS})
TAG = ".tag"

_LOGS = re.compile(r"^logs-\d{8}(-\d{6})?$")
_EVENTS = re.compile(r"^events\.out\.tfevents\.[A-Za-z0-9._-]{1,180}$")
_CHECKPOINT = re.compile(r"^\d{6,}-\d+-[a-z]+$")
_RUN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,100}$")


BackupKey = tuple[str, str]  # a backup's run and id


class Backup(Sealed, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The record of a backup. `created_s`: Unix time of the copy, not of the checkpoint."""

    format: int
    id: str  # the folder's name: the checkpoint's id, or a logs id
    run_id: str
    created_s: float
    checkpoint: Manifest | None  # None: logs
    files: dict[str, FileDigest]  # as stored; without this record

    @property
    def size_bytes(self) -> int:
        """Sum of the stored files' sizes."""
        return sum(file.size_bytes for file in self.files.values())


class Tag(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The changeable part of a backup. A pinned one is never removed."""

    note: str = ""
    pinned: bool = False


def logs_id(created_s: float, *, more: bool = False) -> str:
    """The id of a day's logs, by local time; `more`: for a day that already has one."""
    form = "logs-%Y%m%d-%H%M%S" if more else "logs-%Y%m%d"
    return time.strftime(form, time.localtime(created_s))


def is_checkpoint_id(name: str) -> bool:
    """Whether the name is a checkpoint's id, not a logs id."""
    return _CHECKPOINT.match(name) is not None


def decode_backup(content: bytes, where: str) -> Backup:
    """Decode a record; `where` names its file in errors. Raises DamagedCheckpointError.

    A returned record names no path outside its backup's folder.
    """
    backup = decode_record(content, where, Backup)
    if backup.format not in READABLE:
        raise DamagedCheckpointError(
            f"{where}: format {backup.format}, this version reads {FORMAT}"
        )
    manifest = backup.checkpoint
    if not _RUN.match(backup.run_id):
        raise DamagedCheckpointError(f"{where}: {backup.run_id!r} is not a run's id")
    if manifest is None:
        unexpected = [name for name in backup.files if not _EVENTS.match(_original(name))]
        known = _LOGS.match(backup.id) is not None
    else:
        expected = {*manifest.files, MANIFEST}
        names = {_original(name) for name in backup.files}
        unexpected = sorted(names - expected - EXTRAS)
        unexpected += sorted(expected - names) or sorted(set(manifest.files) - FILE_NAMES)
        known = is_checkpoint_id(backup.id)
        known = known and (manifest.id, manifest.run_id) == (backup.id, backup.run_id)
    if not known:
        raise DamagedCheckpointError(f"{where}: the id {backup.id!r} does not match its contents")
    if unexpected:
        raise DamagedCheckpointError(
            f"{where}: {unexpected[0]!r} is an unexpected or a missing file"
        )
    return backup


def read_backup(folder: Path) -> Backup:
    """Read the record of a backup's folder. Raises DamagedCheckpointError, OSError."""
    backup = decode_backup(read_record_file(folder, RECORD), f"{folder.name}: {RECORD}")
    if (backup.run_id, backup.id) != (folder.parent.name, folder.name):
        raise DamagedCheckpointError(
            f"{folder.name}: {RECORD} belongs to {backup.run_id}/{backup.id}"
        )
    return backup


def _original(name: str) -> str:
    return name.removesuffix(COMPRESSED)
