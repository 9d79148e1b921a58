"""`landerctl stop`."""

from __future__ import annotations

from threading import Event
from time import monotonic

import typer

from daemon.base.identity import lock_is_held
from daemon.base.paths import StatePaths
from daemon.protocol.control import StopRequest
from landerctl.cli.shared.daemon_request import ask
from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples("landerctl stop", "landerctl stop && landerctl start --fresh")
RELEASE_S = 30.0
POLL_S = 0.05


def stop(context: typer.Context, home: Home = None, config: ConfigFile = None) -> int:
    """Save a checkpoint, then stop trainer and daemon. `landerctl start` resumes from it."""
    session = open_session(context, home, config)
    done = ask(session, StopRequest())
    _wait_until_released(session.paths)
    print(done.text)
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
