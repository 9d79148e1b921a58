"""Removing backups that retention gives up: written down first, invisible before they are gone."""

from __future__ import annotations

from pathlib import Path

from daemon.backup.catalog import scan
from daemon.backup.lock import backups_lock
from daemon.backup.record import TAG, Backup, BackupKey
from daemon.backup.retention.prune_journal import append_pruned
from daemon.backup.retention.rules import Decision, decide
from daemon.backup.verification.verified import read_verified
from daemon.base.failpoint import failpoint
from daemon.base.files import fsync_path, remove_flat_folder, remove_unfinished
from daemon.base.leftovers import PRUNED, half_removed
from daemon.config.schema import BackupSettings


def judge(directory: Path, settings: BackupSettings, now_s: float) -> list[Decision]:
    """What retention makes of a folder's backups. Raises OSError."""
    listing = scan(directory)
    verified: dict[BackupKey, float] = {}
    for run_id in {backup.run_id for backup in listing.whole}:
        known = read_verified(directory / run_id).whole
        verified |= {(run_id, id_): time_s for id_, time_s in known.items()}
    return decide(listing.whole, listing.tags, verified, now_s=now_s, settings=settings)


def prune(directory: Path, settings: BackupSettings, now_s: float) -> list[Decision]:
    """Judge and remove; the decisions that were carried out. Raises OSError.

    Finishes first what a killed process left. What cannot be written down is not removed.
    """
    if not directory.is_dir():
        return []
    with backups_lock(directory):
        remove_leftovers(directory)
        gone = [d for d in judge(directory, settings, now_s) if not d.keep]
        if gone:
            append_pruned(directory, gone, now_s)
            failpoint("prune.written")
            for decision in gone:
                _remove(directory, decision.backup)
        return gone


def remove_leftovers(directory: Path) -> list[Path]:
    """Finish what was killed, in a folder whose lock the caller holds. Raises OSError."""
    found = remove_unfinished(directory)
    for run in sorted(path for path in directory.iterdir() if path.is_dir()):
        found += remove_unfinished(run)
        for folder in half_removed(run):
            _empty(run, folder)
            found.append(folder)
    return found


def _remove(directory: Path, backup: Backup) -> None:
    run = directory / backup.run_id
    hidden = run / f"{PRUNED}{backup.id}"
    (run / backup.id).rename(hidden)
    fsync_path(run)
    failpoint("prune.hidden")
    _empty(run, hidden)
    failpoint("prune.removed")


def _empty(run: Path, hidden: Path) -> None:
    id_ = hidden.name.removeprefix(PRUNED)
    # Never one of a backup that has the id again.
    if not (run / id_).exists():
        (run / f"{id_}{TAG}").unlink(missing_ok=True)
    remove_flat_folder(hidden)
