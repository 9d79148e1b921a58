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
    imported: bool = False  # its backup came in an archive, and the run itself does not have it
    accepted: bool = True  # not imported, or pinned or rolled back to by a person since then

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
    """All states of a run in ascending sequence. Damaged copies are ignored.

    So is a backup that has the id of a checkpoint but other contents: see `of_others`.

    A run's own checkpoints state what it was rolled back to; an automatic rollback takes no state
    that is not accepted, so such a statement about an imported one is a person's decision.
    """
    live = {manifest.id: manifest for manifest in checkpoints.whole}
    others = {backup.id for backup in of_others(run_id, checkpoints, backups)}
    copies = {b.id: b for b in backups.whole if b.run_id == run_id and b.id not in others}
    manifests = live | {b.id: b.checkpoint for b in copies.values() if b.checkpoint is not None}
    imported = {id_ for run, id_ in backups.imported if run == run_id and id_ in copies} - set(live)
    returned_to = {one.restored_from for id_, one in manifests.items() if id_ not in imported}
    found = []
    for id_, manifest in manifests.items():
        tag = backups.tags.get((run_id, id_)) or Tag()
        accepted = id_ not in imported or tag.pinned or id_ in returned_to
        found.append(
            Restorable(manifest, id_ in live, copies.get(id_), tag, id_ in imported, accepted)
        )
    return sorted(found, key=lambda item: item.manifest.sequence)


def of_others(run_id: str, checkpoints: Listing, backups: BackupListing) -> list[Backup]:
    """A run's backups that have the id of one of its checkpoints but other contents."""
    live = {manifest.id: manifest for manifest in checkpoints.whole}
    return [
        backup
        for backup in backups.whole
        if backup.run_id == run_id and backup.id in live and backup.checkpoint != live[backup.id]
    ]
