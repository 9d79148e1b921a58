"""The program with closed and unwritable standard input, output and error."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import SCRIPT, environment, fill_store, make_run


def redirected(home: Path, command: str, redirections: str) -> subprocess.CompletedProcess[str]:
    """`landerctl` with a command line and redirections of the shell."""
    return subprocess.run(
        ["sh", "-c", f"exec {SCRIPT} {command} {redirections}"],
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", ["version", "status", "status --json", "backups"])
@pytest.mark.parametrize("output", [">&-", ">/dev/full"])
def test_output_that_is_lost_is_no_success(tmp_path: Path, command: str, output: str) -> None:
    ended = redirected(tmp_path, command, output)
    assert ended.returncode == Exit.OUTPUT_LOST
    [line] = ended.stderr.splitlines()
    assert line.startswith("landerctl: standard output: ")
    assert line.endswith("; the output is incomplete")


def test_an_error_keeps_its_code_when_its_message_is_lost(tmp_path: Path) -> None:
    for lost in (">&-", "2>&-", "2>/dev/full", "<&- >&- 2>&-"):
        ended = redirected(tmp_path, "rollback --yes", lost)
        assert ended.returncode == Exit.NOT_FOUND
        assert ended.stdout == ""


def test_no_message_goes_into_the_output(tmp_path: Path) -> None:
    make_run(tmp_path)
    fill_store(tmp_path)
    ended = redirected(tmp_path, "alerts --json", "2>&-")
    assert ended.returncode == Exit.OK
    assert isinstance(json.loads(ended.stdout), list)


@pytest.mark.parametrize("command", ["tui", "rollback", "rollback --to best"])
def test_closed_input_is_no_terminal(tmp_path: Path, command: str) -> None:
    ended = redirected(tmp_path, command, "<&-")
    assert ended.returncode in (Exit.USAGE, Exit.NOT_FOUND)
    assert len(ended.stderr.splitlines()) == 1
