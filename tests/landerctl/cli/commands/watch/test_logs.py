"""`landerctl logs`."""

from __future__ import annotations

import json
import re
import select
import signal
import subprocess
from pathlib import Path

import pytest

from landerctl.exitcodes import Exit
from tests.landerctl.operations.logs.log_folder import RUN, TRACE, LogFolder, add, raw
from tests.landerctl.operator_side import SCRIPT, environment, landerctl

DATED = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"


@pytest.fixture
def logs(tmp_path: Path) -> LogFolder:
    logs = LogFolder(tmp_path)
    add(logs.supervisor, 0, "daemon.started: pid 1")
    add(logs.supervisor, 20, "disk\x1b[2J is slow", "WARNING")
    add(logs.trainer, 30, "failed", "ERROR", "trainer")
    raw(logs.trainer, TRACE)
    add(logs.supervisor, 40, "daemon.stopped: on request")
    return logs


def test_records_have_time_level_source_and_text(logs: LogFolder) -> None:
    lines = landerctl(logs.paths.home, "logs").stdout.splitlines()
    assert re.fullmatch(rf"{DATED} INFO     supervisor       daemon\.x: daemon\..*1", lines[0])
    assert re.fullmatch(rf"{DATED} WARNING  supervisor       daemon\.x: disk␛.*", lines[1])
    assert re.fullmatch(rf"{DATED} ERROR    trainer 3fa9     trainer: failed", lines[2])
    assert lines[3:6] == [f"  {line}" for line in TRACE.splitlines()]


def test_filters(logs: LogFolder) -> None:
    def texts(*arguments: str) -> list[str]:
        output = landerctl(logs.paths.home, "logs", "--json", *arguments).stdout
        return [json.loads(line)["text"] for line in output.splitlines()]

    failed = f"failed\n{TRACE.rstrip()}"
    assert texts("--level", "warning", "-n", "1") == [failed]
    assert texts("--grep", "valueerror") == texts("--run", RUN) == [failed]
    assert texts("--grep", "VALUEERROR") == []
    assert texts("--source", "supervisor", "--since", "2026-01-01", "--grep", "daemon.st")[-1] == (
        "daemon.stopped: on request"
    )
    assert texts("--until", "2026-01-01") == []


def test_what_is_not_there_is_said(logs: LogFolder, tmp_path: Path) -> None:
    for arguments, code, said in (
        (("--run", "no-such"), Exit.NOT_FOUND, "--run no-such: no such run in "),
        (("--grep", "("), Exit.USAGE, "--grep '('"),
        (("--source", "disk"), Exit.USAGE, "supervisor, landerctl, trainer, tensorboard"),
        (("--follow", "--until", "1h"), Exit.USAGE, "--until"),
    ):
        ended = landerctl(logs.paths.home, "logs", *arguments)
        assert (ended.returncode, said in ended.stderr) == (code, True), ended
    assert landerctl(tmp_path / "empty", "logs").returncode == Exit.UNKNOWN


def test_following_shows_new_lines_until_interrupted(logs: LogFolder) -> None:
    with subprocess.Popen(
        [SCRIPT, "logs", "-f", "-n", "1", "--level", "info"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(logs.paths.home),
        text=True,
        bufsize=1,
    ) as following:
        assert following.stdout is not None and following.stderr is not None
        assert "daemon.stopped" in _line(following)
        add(logs.trainer, 50, "new")
        assert _line(following).endswith("new\n")
        following.send_signal(signal.SIGINT)
        assert following.wait(60) == Exit.INTERRUPTED
        assert following.stderr.read() == ""


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 60.0)[0]
    return process.stdout.readline()
