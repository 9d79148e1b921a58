"""Making another run the current one, where no daemon runs."""

from __future__ import annotations

import os

from filelock import Timeout, UnixFileLock

from daemon.base.paths import RunPaths, StatePaths
from daemon.base.seat import asker
from daemon.runs.metadata import read_metadata
from daemon.runs.run_folder import current_run, set_current
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.runs.edits import changing_runs, unarchive_run
from landerctl.operations.runs.in_use import holding_lease
from landerctl.operations.runs.recording import LOCK_TIMEOUT_S, add_event


def switch_run(paths: StatePaths, run: RunPaths) -> str | None:
    """Make a run the current one; an archived one is listed again.

    Returns why the event `run.switched` could not be recorded, or None. Raises Failure.
    """
    try:
        # So that no daemon starts meanwhile.
        with UnixFileLock(paths.lock, timeout=LOCK_TIMEOUT_S, mode=0o600):
            return _switch(paths, run)
    except Timeout:
        raise Failure(
            f"{paths.home}: a daemon is running; stop it with `landerctl stop` first",
            Exit.ALREADY_RUNNING,
        ) from None
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}", Exit.CANNOT_WRITE) from None


def _switch(paths: StatePaths, run: RunPaths) -> str | None:
    before = current_run(paths)
    if before == run:
        return None
    with changing_runs(paths):
        if not run.config.is_file():
            raise Failure(f"{run.id}: was removed meanwhile", Exit.NOT_FOUND)
        if before is None:
            set_current(paths, run.id)
        else:
            with holding_lease(before):  # the trainer of a dead daemon may still save
                set_current(paths, run.id)
    unarchive_run(paths, run)
    name, user = read_metadata(run).name, asker(os.environ)
    return add_event(
        paths,
        "run.switched",
        f"Run {name} ({run.id}) was made the current one by {user}",
        run.id,
        {"run": run.id, "name": name, "by": user, "from": before.id if before else None},
    )
