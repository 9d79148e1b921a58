"""What the coordinator says, and its exit code, when it cannot begin."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from daemon.base.exitcodes import CoordinatorExit


@pytest.mark.parametrize(
    ("folder", "code", "said"),
    [
        ("gone", CoordinatorExit.FAILED, "coordinator.lock: No such file or directory"),
        (".", CoordinatorExit.CONFIG, "sweep.toml: cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_used_is_named(
    tmp_path: Path, folder: str, code: CoordinatorExit, said: str
) -> None:
    command = [sys.executable, "-m", "daemon.sweeps.coordinator", str(tmp_path / folder)]
    done = subprocess.run([*command, "--foreground"], capture_output=True, text=True, check=False)
    assert done.returncode == code
    (line,) = done.stderr.splitlines()
    assert line.endswith(said)


def test_a_log_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "coordinator.log").mkdir()
    command = [sys.executable, "-m", "daemon.sweeps.coordinator", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == CoordinatorExit.FAILED
    (line,) = done.stderr.splitlines()
    assert line.endswith("coordinator.log: Is a directory")
