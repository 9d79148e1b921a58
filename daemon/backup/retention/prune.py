"""Removing expired backups: journaled first, then renamed to a hidden name, then deleted."""

from __future__ import annotations

from pathlib import Path

from daemon.backup.catalog import BackupListing, list_folders, scan
from daemon.backup.lock import backups_lock
from daemon.backup.record import TAG, Backup, BackupKey, Tag
from daemon.backup.retention.prune_journal import append_pruned
from daemon.backup.retention.rules import Decision, decide
from daemon.backup.verification.verified import read_verified
from daemon.base.failpoint import failpoint
from daemon.base.files import fsync_path, remove_flat_folder, remove_unfinished
from daemon.base.leftovers import PRUNED, half_removed
from daemon.config.schema import BackupSettings


def judge(directory: Path, settings: BackupSettings, now_s: float) -> list[Decision]:
    """Apply the retention rules to a folder's backups; removes nothing. Raises OSError."""
    listing = scan(directory)
    verified: dict[BackupKey, float] = {}
    for run_id in {backup.run_id for backup in listing.whole}:
        known = read_verified(directory / run_id).whole
        verified |= {(run_id, id_): time_s for id_, time_s in known.items()}
    return decide(listing.whole, listing.tags, verified, now_s=now_s, settings=settings)


def prune(
    directory: Path, settings: BackupSettings, now_s: float, *, clock_trusted: bool
) -> list[Decision]:
    """Remove expired backups; returns the decisions carried out. Raises OSError.

    Finishes interrupted removals first: no more than that if the clock is not trusted. If the
    journal cannot be written, nothing is removed.
    """
    if not directory.is_dir():
        return []
    with backups_lock(directory):
        remove_leftovers(directory)
        if not clock_trusted:
            return []
        expired = [d for d in judge(directory, settings, now_s) if not d.keep]
        if expired:
            append_pruned(directory, expired, now_s)
            failpoint("prune.written")
            for decision in expired:
                _remove(directory, decision.backup)
        return expired


def unpinned(listing: BackupListing) -> list[Backup]:
    """The backups that are not pinned; one whose tag cannot be read may be pinned."""
    tags = listing.tags
    return [
        backup
        for backup in listing.whole
        if (tag := tags.get((backup.run_id, backup.id), Tag())) is not None and not tag.pinned
    ]


def remove_unpinned(directory: Path, run_id: str, now_s: float) -> list[Backup]:
    """Remove the backups of a removed run, but those that are pinned. Raises OSError.

    Journaled first, as `prune` does. The run's folder goes with the last one.
    """
    if not (directory / run_id).is_dir():
        return []
    with backups_lock(directory):
        remove_leftovers(directory)
        removed = unpinned(scan(directory, run_id))
        reason = "its run was removed"
        append_pruned(directory, [Decision(one, False, reason) for one in removed], now_s)
        for backup in removed:
            _remove(directory, backup)
        if not list_folders(directory / run_id):
            remove_flat_folder(directory / run_id)
        return removed


def remove_leftovers(directory: Path) -> list[Path]:
    """Finish interrupted writes and removals; the caller holds the lock. Raises OSError."""
    found = remove_unfinished(directory)
    for run in sorted(path for path in directory.iterdir() if path.is_dir()):
        found += remove_unfinished(run)
        for folder in half_removed(run):
            _delete(run, folder)
            found.append(folder)
    return found


def _remove(directory: Path, backup: Backup) -> None:
    run = directory / backup.run_id
    hidden = run / f"{PRUNED}{backup.id}"
    (run / backup.id).rename(hidden)
    fsync_path(run)
    failpoint("prune.hidden")
    _delete(run, hidden)
    failpoint("prune.removed")


def _delete(run: Path, hidden: Path) -> None:
    id_ = hidden.name.removeprefix(PRUNED)
    # Keep the tag if a new backup with this id exists.
    if not (run / id_).exists():
        (run / f"{id_}{TAG}").unlink(missing_ok=True)
    remove_flat_folder(hidden)
