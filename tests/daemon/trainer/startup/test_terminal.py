"""What `evaluate` and `selftest` show of their start, on a terminal and elsewhere."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

from daemon.protocol.startup import ONCE

ROOT = Path(__file__).parents[4]
SCRIPT = """
from daemon.trainer.startup.steps import flying_steps
from daemon.trainer.startup.terminal import StartupOnTerminal
startup = StartupOnTerminal("evaluate", flying_steps())
startup.next()
startup.compiled({compiled}, 100)
startup.next()
startup.end()
"""


def run(tmp_path: Path, compiled: int, stderr: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.format(compiled=compiled)],
        cwd=ROOT,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path), "COLUMNS": "70"},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        check=True,
    )


def test_without_a_terminal_only_compiling_is_worth_a_line(tmp_path: Path) -> None:
    full = run(tmp_path, 100, subprocess.PIPE)
    assert (full.stdout, full.stderr) == ("", "")
    empty = run(tmp_path, 0, subprocess.PIPE)
    assert (empty.stdout, empty.stderr) == ("", f"{ONCE} (100 functions)\n")


def test_a_terminal_gets_a_line_with_a_bar_which_is_cleared_at_the_end(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    assert run(tmp_path, 25, theirs).stdout == ""
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    frames = shown.split("\r\033[K")
    assert any("━━━━━─────────────── compile the flight code: 25 of 100" in f for f in frames)
    assert f"{ONCE}\r\n" in frames
    assert frames[-1] == ""
