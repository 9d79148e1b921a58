from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from landerctl.exitcodes import Exit

RUN = """
import sys
from landerctl.__main__ import execute
code = execute()
print(*(name for name in ("typer", "textual") if name in sys.modules))
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("options", "loaded"), [([], ""), (["--config=/none", "--home"], "typer"), (["--nix"], "typer")]
)
def test_a_plain_command_line_needs_no_typer(
    tmp_path: Path, options: list[str], loaded: str
) -> None:
    command = [sys.executable, "-c", RUN, "--home", str(tmp_path), "tui", *options]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == Exit.USAGE
    assert ended.stdout.split() == loaded.split()


def test_without_a_terminal_it_says_what_to_use(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "landerctl", "--home", str(tmp_path), "tui"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == Exit.USAGE
    assert "tui needs a terminal" in ended.stderr
