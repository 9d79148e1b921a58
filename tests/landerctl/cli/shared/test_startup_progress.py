"""What `start` shows while it waits: a real supervisor over a trainer that starts slowly."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.protocol.startup import ONCE
from daemon.protocol.trainer import Startup, encode_line
from tests.daemon.harness import ROOT, Home
from tests.status_samples import startup
from tests.waiting import PATIENCE_S, eventually

SCRIPT = """
import sys
from pathlib import Path
from daemon.base.paths import RunPaths, StatePaths
from landerctl.cli.shared.startup_progress import watch_startup
watch_startup(StatePaths(Path(sys.argv[1])), RunPaths(Path(sys.argv[2])))
"""


@pytest.fixture
def home(short_folder: Path) -> Iterator[Home]:
    home = Home(short_folder)
    yield home
    home.close()


class Start:
    """A trainer whose start the test leads, and what is shown of it."""

    def __init__(self, home: Home, reports: Path, stderr: int) -> None:
        self._home, self._reports = home, reports
        reports.write_bytes(encode_line(startup(done=0)))
        home.started("--startup", str(reports))
        self.reported(startup(done=0))
        command = [sys.executable, "-c", SCRIPT, str(home.paths.home), str(home.run.folder)]
        self.display = subprocess.Popen(command, cwd=ROOT, stderr=stderr, env=os.environ)

    def reported(self, expected: Startup) -> None:
        eventually(
            lambda: (now := self._home.status().trainer) and now.startup == expected,
            "the start is in the status",
        )

    def finish(self) -> None:
        self._reports.unlink()
        assert self.display.wait(PATIENCE_S) == 0


def test_without_a_terminal_a_start_is_a_few_lines(home: Home, tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    with shown.open("wb") as file:
        start = Start(home, tmp_path / "reports", file.fileno())
    eventually(lambda: b"0 of 153" in shown.read_bytes(), "the compilation is shown")
    start.finish()
    assert shown.read_text().splitlines() == [
        ONCE,
        "compile the flight code: 0 of 153 functions, about 113 s left; ready in about 2 min",
    ]


def test_on_a_terminal_a_start_is_rows_with_a_bar(home: Home, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    start = Start(home, tmp_path / "reports", theirs)
    os.close(theirs)
    shown = b""

    def has(text: str) -> bool:
        nonlocal shown
        shown += os.read(ours, 65536)
        return text in shown.decode(errors="replace")

    eventually(lambda: has("0 of 153 functions · about 113 s left"), "the compilation is shown")
    text = shown.decode()
    for words in (
        "✓ import torch, stable-baselines3, Basilisk",
        "▶ compile the flight code",
        "○ build 128 landers on 2 threads",
        ONCE,
    ):
        assert words in text
    start.finish()
    # At the end every step is over.
    assert has("✓ fly the first rollout")
    os.close(ours)


def test_a_trainer_that_fails_in_its_start_is_reported(home: Home) -> None:
    home.started("--exit-after", "0", "--exit-code", "78")
    command = [sys.executable, "-c", SCRIPT, str(home.paths.home), str(home.run.folder)]
    failed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert failed.returncode != 0
    assert "the trainer failed (exit code 78" in failed.stderr
