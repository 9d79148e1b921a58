"""`landerctl stop`."""

from __future__ import annotations

from threading import Event
from time import monotonic
from typing import Annotated

import typer

from daemon.base.identity import lock_is_held
from daemon.base.paths import StatePaths
from daemon.processes.ping import ping
from daemon.protocol.control import StopRequest
from daemon.runs.run_folder import current_run
from landerctl.cli.shared.daemon_request import ask, report
from landerctl.cli.shared.session import ConfigFile, Home, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure, interruption
from landerctl.operations.force_stop import StuckError, continue_processes, end_daemon

EXAMPLES = examples(
    "landerctl stop",
    "landerctl stop --note 'the machine moves'",
    "landerctl stop && landerctl start --fresh",
)
RELEASE_S = 30.0
POLL_S = 0.05


def stop(
    context: typer.Context,
    *,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Stop also without a last checkpoint, and kill a daemon that does not answer.",
        ),
    ] = False,
    note: Annotated[str, typer.Option(help="The reason, for the events.", metavar="TEXT")] = "",
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Save a checkpoint, then stop trainer and daemon. `landerctl start` resumes from it."""
    session = open_session(context, home, config)
    if force and _is_silent(session.paths):
        return _end_daemon(session)
    done = ask(session, StopRequest(force, note=note))
    with interruption("the daemon stops anyway; `landerctl status` says when it has"):
        _wait_until_released(session.paths)
    if done.data.get("saved") is False:
        raise Failure(f"{session.paths.home}: {done.text}")
    print(done.text)
    return Exit.OK


def _is_silent(paths: StatePaths) -> bool:
    """Whether the daemon does not answer, even after it was continued."""
    try:
        continue_processes(paths, current_run(paths))
    except PermissionError:
        raise Failure(f"{paths.home}: the daemon belongs to another user") from None
    return ping(paths).answered is False


def _end_daemon(session: Session) -> int:
    patience_s = session.load_config().supervision.stop_timeout_s
    try:
        ended = end_daemon(session.paths, current_run(session.paths), patience_s, report)
    except StuckError as error:
        raise Failure(str(error), Exit.NO_ANSWER) from None
    where = f"from {ended.newest.id}" if ended.newest else "from the start"
    if not ended.saved:
        raise Failure(
            f"{session.paths.home}: stopped, but the trainer did not save a last checkpoint; "
            f"`landerctl start` resumes {where}"
        )
    print(f"Stopped; `landerctl start` resumes {where}")
    return Exit.OK


def _wait_until_released(paths: StatePaths) -> None:
    deadline_s = monotonic() + RELEASE_S
    # Polling: there is no wait with a time-out for another process's lock.
    pause = Event()
    while lock_is_held(paths):
        if monotonic() > deadline_s:
            raise Failure(
                f"{paths.home}: the daemon accepted the stop but did not exit within "
                f"{RELEASE_S:g} s; see {paths.log}",
                Exit.NO_ANSWER,
            )
        pause.wait(POLL_S)
