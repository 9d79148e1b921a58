"""A request to the daemon that its sender does not wait for."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from daemon.protocol.control import BackupRequest, Note, Request, RollbackRequest, StopRequest
from landerctl.cli.shared.daemon_request import ask
from landerctl.cli.shared.session import Session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from tests.landerctl.tui.small_daemon import SmallDaemon
from tests.waiting import eventually


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (BackupRequest(), "the daemon makes the backup anyway"),
        (RollbackRequest(["x"], "me"), "the daemon rolls back anyway"),
        (StopRequest(), "the daemon stops anyway"),
    ],
)
def test_ctrl_c_says_that_the_daemon_continues(
    short_folder: Path, request_: Request, said: str
) -> None:
    paths = StatePaths(short_folder)
    with SmallDaemon(paths, [Note("begun")]) as daemon:
        daemon.may_answer.clear()

        def interrupt() -> None:
            eventually(lambda: daemon.asked, "the request arrives")
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=interrupt).start()
        with pytest.raises(Failure, match=f"^interrupted; {said}") as caught:
            ask(Session(paths, ()), request_)
    assert caught.value.code == Exit.INTERRUPTED
