"""A drill's processes: their results, and how they end."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from daemon.processes.priority import LOWEST
from landerctl.drills.model import DrillError
from landerctl.drills.scratch.leash import leashed, run_leashed
from tests.waiting import eventually

ECHO = "import sys; print(sys.stdin.read().upper(), end=''); print('a\\nlast', file=sys.stderr)"


def test_output_exit_code_and_reason(tmp_path: Path) -> None:
    command = [sys.executable, "-c", f"{ECHO}; sys.exit(3)"]
    log = tmp_path / "log"
    log.write_text("of an earlier one\n")
    ended = run_leashed(command, log, timeout_s=60.0, content=b"moon")
    assert (ended.code, ended.output, ended.errors) == (3, b"MOON", "a\nlast\n")
    assert ended.reason == "last"
    assert log.read_text() == "of an earlier one\na\nlast\n"


def test_a_process_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    command = ["sleep", f"1000.{os.getpid()}"]
    with pytest.raises(DrillError, match=r"no result within 2 s"):
        run_leashed(command, tmp_path / "log", timeout_s=2.0)
    running = (one.info["cmdline"] for one in psutil.process_iter(["cmdline"]))
    assert command not in running


def test_it_runs_at_the_lowest_priority(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; print('runs', flush=True); time.sleep(1000)"]
    with leashed(command, tmp_path / "log") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"runs\n"
        family = [process.pid, *(one.pid for one in psutil.Process(process.pid).children())]
        assert len(family) == 2
        assert {os.getpriority(os.PRIO_PROCESS, pid) for pid in family} == {LOWEST}
        session = Path(f"/proc/{process.pid}/autogroup")
        assert not session.exists() or session.read_text().split()[-1] == str(LOWEST)
    eventually(lambda: not any(psutil.pid_exists(pid) for pid in family), "they have ended")
