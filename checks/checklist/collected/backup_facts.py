"""What the judges of the backup strategy read: copies of TensorBoard's files, and lacking ones."""

from __future__ import annotations

import msgspec

from checks.evidence import Evidence
from daemon.backup.catalog import backup_directory, list_folders
from daemon.backup.record import is_checkpoint_id, read_backup
from daemon.base.paths import StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.config import ConfigError
from daemon.config.frozen import load_frozen
from daemon.store.reader import StoreError, StoreReader

UNSENT = "backup/unsent"


class BackupFacts(msgspec.Struct, frozen=True):
    """Of the current run. Times: Unix, s."""

    created_s: float  # of the run
    interval_steps: int  # between two checkpoints, as the run has frozen it
    logs_copied_s: float | None  # when TensorBoard's files were last copied
    unsent: float | None  # the newest number of backups that a target lacks
    complete_s: float | None  # when that was last 0


def backup_facts_of(paths: StatePaths, evidence: Evidence) -> BackupFacts | None:
    """The facts; None without a run or a configuration, or if they cannot be read."""
    record = evidence.status.run if evidence.status else None
    if record is None or evidence.config is None:
        return None
    folder = backup_directory(evidence.config, paths) / record.id
    try:
        logs = [one for one in list_folders(folder) if not is_checkpoint_id(one.name)]
        # Names sort by date.
        copied_s = read_backup(logs[-1]).created_s if logs else None
        with StoreReader.open(paths.store) as store:
            unsent = store.newest(UNSENT)
            complete = store.last_sample(
                UNSENT, since_s=record.created_s, until_s=evidence.now_s, below=0.5
            )
        frozen = load_frozen(paths.run(record.id).config)
    except (ConfigError, DamagedCheckpointError, OSError, StoreError):
        return None
    return BackupFacts(
        created_s=record.created_s,
        interval_steps=frozen.checkpoints.interval_steps,
        logs_copied_s=copied_s,
        unsent=unsent.value if unsent else None,
        complete_s=complete.time_s if complete else None,
    )
