"""Listing the backups of a folder, and reading and writing their tags."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from daemon.backup.imported import is_imported
from daemon.backup.record import TAG, Backup, BackupKey, Tag, read_backup
from daemon.base.files import write_atomically
from daemon.base.malformed import MALFORMED
from daemon.base.paths import StatePaths
from daemon.checkpoint.catalog import Choose, read_entries
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.config.schema import Config


@dataclass(frozen=True)
class BackupListing:
    """The backups of one folder. Digests are not verified here: that reads every byte."""

    whole: list[Backup] = field(default_factory=list)  # ascending in time
    damaged: list[tuple[Path, str]] = field(default_factory=list)  # folder or tag, and its fault
    # By run and id; None: cannot be read.
    tags: dict[BackupKey, Tag | None] = field(default_factory=dict)
    imported: set[BackupKey] = field(default_factory=set)  # those that came in an archive

    def tag(self, backup: Backup) -> Tag:
        """The backup's tag; an empty one if it is missing or cannot be read."""
        return self.tags.get((backup.run_id, backup.id)) or Tag()


def backup_directory(config: Config, paths: StatePaths) -> Path:
    """Folder of the backups: backup.directory, relative to the state folder, or its backups/."""
    named = config.backup.directory
    return paths.home / Path(named).expanduser() if named else paths.backups


def scan(
    directory: Path,
    run_id: str | None = None,
    read: Callable[[Path], Backup] = read_backup,
    choose: Choose | None = None,
) -> BackupListing:
    """Read all records and tags (of a run); none if the directory is missing. Raises OSError.

    `read` reads a backup's record from its folder; `choose`: only some of each run's, and all
    that have a tag.
    """
    listing = BackupListing()
    runs = [directory / run_id] if run_id else list_folders(directory)
    for run in runs:
        tags = list(run.glob(f"[!.]*{TAG}"))
        named = _tagged_too(choose, {path.stem for path in tags}) if choose else None
        whole, damaged = read_entries(run, read, named)
        listing.whole.extend(whole)
        listing.damaged.extend(damaged)
        listing.imported.update((b.run_id, b.id) for b in whole if is_imported(run / b.id))
        for path in tags:
            try:
                listing.tags[run.name, path.stem] = read_tag(path)
            except DamagedCheckpointError as error:
                listing.tags[run.name, path.stem] = None
                listing.damaged.append((path, str(error)))
    listing.whole.sort(key=lambda backup: (backup.created_s, backup.id))
    return listing


def _tagged_too(choose: Choose, tagged: set[str]) -> Choose:
    def chosen(names: Sequence[str]) -> set[str]:
        wanted = choose(names)
        return {name for name in names if name in wanted or name in tagged}

    return chosen


def read_tag(path: Path) -> Tag:
    """Read a tag's file. Raises DamagedCheckpointError, OSError."""
    return decode_tag(path.read_bytes(), path.name)


def decode_tag(content: bytes, where: str) -> Tag:
    """Decode a tag; `where` names its file in errors. Raises DamagedCheckpointError."""
    try:
        return msgspec.json.decode(content, type=Tag)
    except MALFORMED as error:
        raise DamagedCheckpointError(f"{where}: {error}") from None


def write_tag(directory: Path, backup: Backup, tag: Tag) -> None:
    """Replace a backup's tag. Raises OSError."""
    path = directory / backup.run_id / f"{backup.id}{TAG}"
    write_atomically(path, encode_tag(tag))


def encode_tag(tag: Tag) -> bytes:
    """A tag as its file stores it. Deterministic: equal tags have equal bytes."""
    return msgspec.json.encode(tag) + b"\n"


def list_folders(folder: Path) -> list[Path]:
    """The visible subfolders, without links; none if the folder is missing. Raises OSError."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(
                entry.name
                for entry in entries
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
            )
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [folder / name for name in names]
