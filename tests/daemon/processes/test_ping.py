"""Asking a daemon that answers, one that does not, and none."""

from __future__ import annotations

import socket
from pathlib import Path

from daemon.base.paths import StatePaths
from daemon.processes.ping import Ping, ping
from daemon.protocol.control import Done
from tests.landerctl.tui.small_daemon import SmallDaemon


def test_what_a_daemon_answers_about_its_store(short_folder: Path) -> None:
    paths = StatePaths(short_folder)
    data = {"trainer": "RUNNING", "store": "store.db: cannot be written", "unwritten": "[]"}
    with SmallDaemon(paths, [Done("alive", {**data})]) as daemon:
        assert ping(paths) == Ping(True, "store.db: cannot be written", [])
        assert (daemon.pings, daemon.asked) == (1, [])


def test_no_daemon_and_one_that_is_silent_do_not_answer(short_folder: Path) -> None:
    paths = StatePaths(short_folder)
    assert ping(paths) == Ping(None)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(paths.socket))
        silent.listen()
        assert ping(paths, within_s=0.1) == Ping(False)


def test_an_answer_of_another_version_says_nothing_of_the_store(short_folder: Path) -> None:
    paths = StatePaths(short_folder)
    with SmallDaemon(paths, [Done("alive", {"trainer": "RUNNING"})]):
        assert ping(paths) == Ping(True)
