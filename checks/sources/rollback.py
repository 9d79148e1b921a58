"""The last rollback."""

from __future__ import annotations

import os

from checks.evidence import WatchedRollback
from daemon.base.paths import StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.rollback.journal import CHANGED, ENDED, Journal, read_journal, undo_refusal
from daemon.runs.run_folder import current_run


def last_rollback(paths: StatePaths) -> tuple[str, WatchedRollback | None]:
    """The last rollback's problem, or the rollback that is being verified."""
    try:
        journal = read_journal(paths.rollback)
    except DamagedCheckpointError as error:
        return f"{error}: the last rollback cannot be undone with --undo", None
    except OSError as error:
        return f"{paths.rollback}: {os.strerror(error.errno or 0)}", None
    if journal is None:
        return "", None
    if journal.step in CHANGED | ENDED:
        return "", _watched(paths, journal)
    next_step = "`landerctl start` finishes or reverts it"
    return f"a rollback to {journal.to.id} was interrupted: {next_step}", None


def _watched(paths: StatePaths, journal: Journal) -> WatchedRollback | None:
    """The rollback, if it is of the current run and is being verified."""
    run = current_run(paths)
    if journal.running_s is None or journal.step in ENDED:
        return None
    if run is None or run.id != journal.run_id:
        return None
    undoable = undo_refusal(journal, run, paths.backups) is None
    return WatchedRollback(journal.to.id, journal.running_s, journal.success_rate, undoable)
