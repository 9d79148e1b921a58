"""Real processes that are frozen."""

from __future__ import annotations

import os
import signal
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.processes.frozen import CGROUPS, why_frozen
from tests.waiting import eventually


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen(["sleep", "600"])
    yield started
    started.kill()
    started.wait()


def test_a_process_that_a_signal_stopped(process: subprocess.Popen[bytes]) -> None:
    assert why_frozen(process.pid) is None
    process.send_signal(signal.SIGSTOP)
    eventually(lambda: why_frozen(process.pid) == "stopped by a signal", "it is stopped")
    process.send_signal(signal.SIGCONT)
    eventually(lambda: why_frozen(process.pid) is None, "it runs again")


@pytest.mark.parametrize(
    ("parent", "file", "freeze", "thaw"),
    [
        (CGROUPS / "freezer", "freezer.state", "FROZEN", "THAWED"),
        (CGROUPS, "cgroup.freeze", "1", "0"),
        (CGROUPS / "unified", "cgroup.freeze", "1", "0"),
    ],
)
def test_a_process_in_a_frozen_control_group(
    process: subprocess.Popen[bytes], parent: Path, file: str, freeze: str, thaw: str
) -> None:
    group = parent / f"landerctl-{uuid.uuid4().hex}"
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"{parent}: no control group can be made here: {error.strerror}")
    try:
        if not (group / file).exists():
            pytest.skip(f"{parent}: its groups cannot be frozen")
        (group / "cgroup.procs").write_text(str(process.pid))
        assert why_frozen(process.pid) is None
        (group / file).write_text(freeze)
        eventually(lambda: why_frozen(process.pid) == "its control group is frozen", "it is frozen")
        (group / file).write_text(thaw)
        eventually(lambda: why_frozen(process.pid) is None, "it runs again")
    finally:
        process.kill()
        process.wait()
        group.rmdir()


def test_a_process_that_does_not_exist() -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert why_frozen(ended.pid) is None
    assert why_frozen(os.getpid()) is None
