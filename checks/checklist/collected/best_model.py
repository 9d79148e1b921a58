"""Which model is the current run's best. Reads the state folder."""

from __future__ import annotations

from daemon.base.paths import StatePaths
from daemon.checkpoint.best import best_of
from daemon.checkpoint.catalog import list_checkpoints
from daemon.runs.run_folder import current_run


def best_model(paths: StatePaths) -> str | None:
    """The id of the run's best checkpoint; None if there is none yet, or they cannot be read."""
    run = current_run(paths)
    if run is None:
        return None
    try:
        found = best_of(list_checkpoints(run.checkpoints).whole)
    except OSError:
        return None
    return None if found is None else found.id
