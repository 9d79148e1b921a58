"""Which checkpoints a run has, and which of them is the newest that can be trusted."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest, read_manifest, verify
from daemon.config.schema import CheckpointKind

_Entry = TypeVar("_Entry")


@dataclass(frozen=True)
class Listing:
    """The checkpoints of one folder. Digests are not verified here: that reads every byte."""

    whole: list[Manifest]  # manifest readable; ascending sequence
    damaged: list[tuple[Path, str]]  # folder, and what is wrong with it


def list_checkpoints(folder: Path, read: Callable[[Path], Manifest] = read_manifest) -> Listing:
    """List a run's checkpoints; an absent folder has none. Raises OSError.

    `read` reads a checkpoint's manifest from its folder.
    """
    whole, damaged = read_entries(folder, read)
    return Listing(sorted(whole, key=lambda manifest: manifest.sequence), damaged)


def read_entries(
    folder: Path, read: Callable[[Path], _Entry]
) -> tuple[list[_Entry], list[tuple[Path, str]]]:
    """What `read` makes of the folders in a folder, and which it calls damaged, and why.

    An absent folder has none. Raises OSError.
    """
    whole: list[_Entry] = []
    damaged: list[tuple[Path, str]] = []
    # Hidden: being written, or being removed. Files: nothing of ours.
    for name, is_link in _visible(folder):
        entry = folder / name
        try:
            if is_link:
                raise DamagedCheckpointError(f"{name}: is a link, not a folder")
            whole.append(read(entry))
        except DamagedCheckpointError as error:
            # What was removed while we looked is not damaged.
            if entry.exists():
                damaged.append((entry, str(error)))
    return whole, damaged


def _visible(folder: Path) -> list[tuple[str, bool]]:
    """The names of folders and links in a folder, sorted, and which are links."""
    if not folder.is_dir():
        return []
    # Of thousands; a Path and two calls of the system for each would take a tenth of a second.
    with os.scandir(folder) as entries:
        return sorted(
            (entry.name, entry.is_symlink())
            for entry in entries
            if not entry.name.startswith(".")
            and (entry.is_symlink() or entry.is_dir(follow_symlinks=False))
        )


@dataclass(frozen=True)
class Newest:
    """The newest checkpoint that can be trusted, and the newer ones that cannot."""

    whole: Manifest | None
    skipped: list[tuple[Path, str]]  # folder, and what is wrong with it; newest first


def find_newest(
    folder: Path,
    check: Callable[[Path], Manifest] = verify,
    *,
    kind: CheckpointKind | None = None,
    stage: int | None = None,
) -> Newest:
    """The newest checkpoint (of a kind, of a stage) that passes `check`: whose digests match.

    `check` raises DamagedCheckpointError for the others. Raises OSError.
    """
    listing = list_checkpoints(folder)
    damaged = listing.damaged
    whole = None
    for manifest in reversed(listing.whole):
        if kind not in (None, manifest.kind) or stage not in (None, manifest.stage):
            continue
        try:
            whole = check(folder / manifest.id)
        except DamagedCheckpointError as error:
            damaged.append((folder / manifest.id, str(error)))
        else:
            break
    # Ids sort by sequence.
    newer = [entry for entry in damaged if whole is None or entry[0].name > whole.id]
    return Newest(whole, sorted(newer, reverse=True))


def newest_whole(
    folder: Path, kind: CheckpointKind | None = None, *, stage: int | None = None
) -> Manifest | None:
    """The newest checkpoint (of a kind, of a stage) whose every digest matches, or None.

    Raises OSError.
    """
    return find_newest(folder, kind=kind, stage=stage).whole
