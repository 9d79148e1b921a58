"""The states of a run that a rollback can restore, each listed once with its locations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from daemon.backup.catalog import BackupListing
from daemon.backup.record import Backup, Tag
from daemon.checkpoint.catalog import Listing
from daemon.checkpoint.manifest import Manifest

Place = Literal["checkpoint", "backup", "both"]


@dataclass(frozen=True)
class Restorable:
    """A state of a run: its checkpoint, its backup, or both."""

    manifest: Manifest
    live: bool  # the checkpoint still exists in the run
    backup: Backup | None
    tag: Tag

    @property
    def id(self) -> str:
        """The checkpoint's id, as used by rollback."""
        return self.manifest.id

    @property
    def place(self) -> Place:
        """Where it is stored."""
        if self.backup is None:
            return "checkpoint"
        return "both" if self.live else "backup"


def restorables(run_id: str, checkpoints: Listing, backups: BackupListing) -> list[Restorable]:
    """All states of a run in ascending sequence. Damaged copies are ignored."""
    copies = {b.id: b for b in backups.whole if b.run_id == run_id}
    live = {manifest.id: manifest for manifest in checkpoints.whole}
    manifests = live | {b.id: b.checkpoint for b in copies.values() if b.checkpoint is not None}
    found = (
        Restorable(manifest, id_ in live, copies.get(id_), backups.tags.get((run_id, id_)) or Tag())
        for id_, manifest in manifests.items()
    )
    return sorted(found, key=lambda item: item.manifest.sequence)
