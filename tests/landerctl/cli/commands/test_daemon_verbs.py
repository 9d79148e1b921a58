"""The verbs that call a daemon, with a real one and a fake trainer."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import (
    SCRIPT,
    environment,
    landerctl,
    make_run,
    supervisor,
)
from tests.waiting import eventually


@pytest.fixture
def home(short_folder: Path) -> Path:
    return short_folder


def entries(home: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(landerctl(home, "backups", "--json").stdout)
    return found


def training(home: Path) -> bool:
    view = json.loads(landerctl(home, "status", "--json").stdout)
    return bool(view["status"]["trainer"]["state"] == "RUNNING")


def test_a_session_from_backup_over_rollback_to_stop(home: Path) -> None:
    run = make_run(home)
    with supervisor(home, run) as daemon:
        eventually(lambda: training(home), "the trainer runs")
        second = landerctl(home, "start")
        assert second.returncode == Exit.ALREADY_RUNNING
        assert f"pid {daemon.pid}" in second.stderr

        made = landerctl(home, "backup", "--note", "before", "--pin")
        assert made.returncode == Exit.OK, made
        assert "copying" in made.stderr
        [backup] = [entry for entry in entries(home) if entry["pinned"]]
        assert backup["id"] in made.stdout
        assert (backup["place"], backup["note"]) == ("both", "before")

        unknown = landerctl(home, "rollback", "--to", "no-such-id", "--yes")
        assert unknown.returncode == Exit.NOT_FOUND
        unconfirmed = landerctl(home, "rollback", "--to", backup["id"])
        assert unconfirmed.returncode == Exit.USAGE
        assert "--yes" in unconfirmed.stderr
        back = landerctl(home, "rollback", "--to", backup["id"], "--yes")
        assert back.returncode == Exit.OK, back
        assert "stopping the trainer" in back.stderr
        assert backup["id"] in back.stdout

        stopped = landerctl(home, "stop")
        assert stopped.returncode == Exit.OK, stopped
        # `stop` returns when the lock is free: the next start may follow at once.
        assert landerctl(home, "status").returncode == Exit.NOT_RUNNING
        assert daemon.wait(timeout=10) == 0
    assert_recorded_as_events(home)


def assert_recorded_as_events(home: Path) -> None:
    reported = landerctl(home, "events", "--all", "--json", "--limit", "1000")
    names = [json.loads(line)["name"] for line in reported.stdout.splitlines()]
    order = ["backup.made", "rollback.started", "rollback.done", "daemon.stopped"]
    assert sorted(order, key=names.index) == order


@pytest.mark.parametrize("arguments", [["stop"], ["backup"], ["rollback", "--to", "x", "--yes"]])
def test_without_a_daemon_and_without_a_run(home: Path, arguments: list[str]) -> None:
    ended = landerctl(home, *arguments)
    assert ended.returncode in (Exit.NOT_RUNNING, Exit.NOT_FOUND)
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stderr.startswith("landerctl: ")


def test_following_events_sees_what_happens_and_ends_with_ctrl_c(home: Path) -> None:
    run = make_run(home)
    with supervisor(home, run):
        follower = subprocess.Popen(
            [str(SCRIPT), "events", "--follow", "--name", "backup.made", "--json"],
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        eventually(lambda: training(home), "the trainer runs")
        made = landerctl(home, "backup", "--note", "seen")
        assert made.returncode == Exit.OK, made
        assert follower.stdout is not None
        seen = json.loads(follower.stdout.readline())
        assert seen["name"] == "backup.made"
        assert seen["run_id"] == run.id
        follower.send_signal(signal.SIGINT)
        output, errors = follower.communicate(timeout=10)
    assert follower.returncode == Exit.INTERRUPTED
    assert "Traceback" not in output + errors
