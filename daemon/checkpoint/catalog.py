"""Listing a run's checkpoints, and finding the newest one that verifies."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest, read_manifest, verify
from daemon.config.schema import CheckpointKind

_Entry = TypeVar("_Entry")
Choose = Callable[[Sequence[str]], Container[str]]  # of names, those to read


@dataclass(frozen=True)
class Listing:
    """The checkpoints of one folder. Digests are not verified here: that reads every byte."""

    whole: list[Manifest]  # manifest readable; ascending sequence
    damaged: list[tuple[Path, str]]  # folder, and what is wrong with it


def list_checkpoints(
    folder: Path,
    read: Callable[[Path], Manifest] = read_manifest,
    choose: Choose | None = None,
) -> Listing:
    """List a run's checkpoints; none if the folder is missing. Raises OSError.

    `read` reads a checkpoint's manifest from its folder; `choose`: only some of them.
    """
    whole, damaged = read_entries(folder, read, choose)
    return Listing(sorted(whole, key=lambda manifest: manifest.sequence), damaged)


def read_entries(
    folder: Path, read: Callable[[Path], _Entry], choose: Choose | None = None
) -> tuple[list[_Entry], list[tuple[Path, str]]]:
    """Read each subfolder with `read`: the results, and the damaged folders with the reason.

    `choose`: only some of them, by their names. Both are empty if the folder is missing. Raises
    OSError.
    """
    whole: list[_Entry] = []
    damaged: list[tuple[Path, str]] = []
    # Hidden folders are being written or removed; files are not ours.
    found = _visible(folder)
    if choose is not None:
        chosen = choose([name for name, _ in found])
        found = [one for one in found if one[0] in chosen]
    for name, is_link in found:
        entry = folder / name
        try:
            if is_link:
                raise DamagedCheckpointError(f"{name}: is a link, not a folder")
            whole.append(read(entry))
        except DamagedCheckpointError as error:
            # Removed in the meantime: not damaged.
            if entry.exists():
                damaged.append((entry, str(error)))
    return whole, damaged


def _visible(folder: Path) -> list[tuple[str, bool]]:
    """The names of folders and links in a folder, sorted, and which are links."""
    if not folder.is_dir():
        return []
    # With thousands of entries, a Path and two system calls each would take 0.1 s.
    with os.scandir(folder) as entries:
        return sorted(
            (entry.name, entry.is_symlink())
            for entry in entries
            if not entry.name.startswith(".")
            and (entry.is_symlink() or entry.is_dir(follow_symlinks=False))
        )


@dataclass(frozen=True)
class Newest:
    """The newest checkpoint that verifies, and the newer ones that do not."""

    whole: Manifest | None
    skipped: list[tuple[Path, str]]  # folder, and what is wrong with it; newest first


def find_newest(
    folder: Path,
    check: Callable[[Path], Manifest] = verify,
    *,
    kind: CheckpointKind | None = None,
    stage: int | None = None,
) -> Newest:
    """The newest checkpoint (of a kind, of a stage) that passes `check`.

    `check` raises DamagedCheckpointError for one that does not. Raises OSError.
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
    """The newest checkpoint (of a kind, of a stage) whose digests all match, or None.

    Raises OSError.
    """
    return find_newest(folder, kind=kind, stage=stage).whole
