"""Backups: verified copies of checkpoints, outside of the run. Never unpickles."""

from daemon.backup.catalog import Backup, BackupListing, backup_directory, list_backups, scan
from daemon.backup.copy import make_backup
from daemon.backup.restore import UnknownIdError, find_source, restore

__all__ = [
    "Backup",
    "BackupListing",
    "UnknownIdError",
    "backup_directory",
    "find_source",
    "list_backups",
    "make_backup",
    "restore",
    "scan",
]
