"""Starts the daemon of a run in the background, and follows its start."""

from __future__ import annotations

import shutil
import sys

from daemon.base.identity import lock_is_held, read_identity
from daemon.base.paths import RunPaths, StatePaths
from daemon.config import Sources
from daemon.runs.run_folder import current_run
from daemon.supervisor.lifecycle.launch import LaunchError, launch
from landerctl.cli.shared.startup_progress import watch_startup
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.program import program


def refuse_second_daemon(paths: StatePaths) -> None:
    """Raise Failure if a daemon runs."""
    if lock_is_held(paths):
        identity = read_identity(paths)
        who = f"pid {identity.pid}" if identity else "pid unknown"
        raise Failure(
            f"{paths.home}: a daemon is already running ({who}); see `landerctl status`, "
            "or stop it with `landerctl stop`",
            Exit.ALREADY_RUNNING,
        )


def start_daemon(
    paths: StatePaths,
    served: Sources,
    run: RunPaths,
    message: str,
    *,
    wait: bool,
    new: bool,
    idle: bool = False,
) -> None:
    """Start the daemon for a run and say how to follow it. Raises Failure.

    `wait`: until it trains. `new`: the run was created for this start, and is removed if that
    fails. `idle`: the run is completed, and only served.
    """
    try:
        launch(paths, served, run.id)
    except LaunchError as error:
        # Unless it became the current one.
        if new and current_run(paths) != run:
            shutil.rmtree(run.folder, ignore_errors=True)
        code = Exit.ALREADY_RUNNING if error.already_running else Exit.FAILED
        raise Failure(str(error), code) from None
    print(message, file=sys.stderr)
    if wait:
        watch_startup(paths, run)
    doing = ("Serving" if idle else "Training") if wait else "Starting"
    print(f"{doing} in the background: run {run.id}, state in {paths.home}")
    name = program()
    print(f"Watch it with `{name} tui`, query it with `{name} status`, stop it with `{name} stop`")
