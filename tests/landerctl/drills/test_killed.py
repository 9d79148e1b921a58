"""A drill that is killed with -9 changes nothing but its scratch, which the next start removes."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from checks.checklist.ledger.ledger import read_ledger
from daemon.base.paths import StatePaths
from landerctl.drills.scratch.folder import scratch_folder
from tests.landerctl.drills.sample_drill import STEPS
from tests.landerctl.operator_side import ROOT, environment, make_checkpoint, make_run
from tests.waiting import eventually

RECORDED = 9  # the step after which the ledger has the drill


def contents(home: Path) -> dict[str, str]:
    """A digest of each file of a state folder, but for the drills' own folder."""
    drills = StatePaths(home).drills
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file() and drills not in path.parents
    }


@contextmanager
def sample(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.landerctl.drills.sample_drill", str(home)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def advance(process: subprocess.Popen[bytes], steps: int) -> None:
    """Let it go through this many steps, and wait until it reports the next one."""
    assert process.stdin is not None
    assert process.stdout is not None
    for step in range(steps + 1):
        assert process.stdout.readline().startswith(b"%d " % step)
        if step < steps:
            process.stdin.write(b"\n")
            process.stdin.flush()


def descendants(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


@pytest.mark.parametrize("step", range(STEPS))
def test_a_killed_drill_leaves_the_state_folder_as_it_was(tmp_path: Path, step: int) -> None:
    home = tmp_path / "state"
    home.mkdir()
    run = make_run(home)
    make_checkpoint(run, 1000)
    before = contents(home)
    paths = StatePaths(home)
    with sample(home) as process:
        advance(process, step)
        if 4 <= step < 8:
            pid = eventually(lambda: next(paths.drills.glob("*/pid"), None), "the sleeper")
            eventually(pid.read_text, "its process id")
        started = descendants(process.pid)
        process.send_signal(signal.SIGKILL)
    eventually(lambda: not any(one.is_running() for one in started), "no process is left")
    after = contents(home)
    ledger = {name for name in after if name.startswith("ledger")}
    assert {name: after[name] for name in after.keys() - ledger} == before
    assert len(read_ledger(paths.ledger).records) == (1 if step >= RECORDED else 0)
    with scratch_folder(paths, "next") as scratch:
        assert [one for one in paths.drills.iterdir() if one.is_dir()] == [scratch]
    assert not [one for one in paths.drills.iterdir() if one.is_dir()]


def test_ctrl_c_ends_its_processes_and_removes_its_scratch(tmp_path: Path) -> None:
    home = tmp_path / "state"
    home.mkdir()
    paths = StatePaths(home)
    with sample(home) as process:
        advance(process, 6)
        pid = eventually(lambda: next(paths.drills.glob("*/pid"), None), "the sleeper")
        eventually(pid.read_text, "its process id")
        started = descendants(process.pid)
        assert started
        process.send_signal(signal.SIGINT)
        process.wait(60.0)
        eventually(lambda: not any(one.is_running() for one in started), "no process is left")
    assert not [one for one in paths.drills.iterdir() if one.is_dir()]
    assert not read_ledger(paths.ledger).records
