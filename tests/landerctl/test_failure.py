"""What a failed verb prints and logs: no secret of its arguments or of an error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from landerctl.exitcodes import Exit
from landerctl.failure import Failure, interruption, report_unexpected
from tests.landerctl.operator_side import ROOT, SCRIPT, environment, landerctl


def test_a_failure_is_redacted() -> None:
    failure = Failure("target s3://key:t0ken@bucket/x: url must not contain a user")
    assert failure.text == str(failure) == "target s3://bucket/...: url must not contain a user"


def test_ctrl_c_says_what_becomes_of_the_work() -> None:
    with (
        pytest.raises(Failure, match="it goes on") as caught,
        interruption("it goes on"),
    ):
        raise KeyboardInterrupt
    assert caught.value.code == Exit.INTERRUPTED


@pytest.mark.parametrize("log", ["landerctl.log", "missing/landerctl.log"])
def test_an_internal_error_is_redacted_in_the_log_and_on_the_screen(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    log: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["landerctl", "restore", "s3://key:t0ken@bucket/x"])
    error = ValueError("no answer of mailto://me:t0ken@host")
    report_unexpected(tmp_path / log, ValueError, error, None)
    printed = capsys.readouterr().err
    logged = (tmp_path / log).read_text() if (tmp_path / log).exists() else printed
    assert "landerctl: internal error: no answer of mailto://...; " in printed
    assert " ERROR landerctl: landerctl restore s3://bucket/...\n" in logged
    assert "ValueError: no answer of mailto://...\n" in logged
    assert "t0ken" not in printed + logged


@pytest.mark.parametrize(
    "arguments",
    [
        ["restore", "s3://key:t0ken@bucket/x", "--dry-run"],
        ["restore", "tgram://t0ken/chat", "--dry-run"],
        ["tgram://t0ken/chat"],
        ["status", "--config", "tgram://t0ken/chat"],
        ["start", "--config", "tgram://t0ken/chat"],
        ["check", "tgram://t0ken/chat"],
        ["alerts", "show", "tgram://t0ken/chat"],
        ["start", "--mode", "tgram://t0ken/chat"],
    ],
)
def test_an_argument_that_is_a_secret_is_not_repeated(tmp_path: Path, arguments: list[str]) -> None:
    ended = landerctl(tmp_path / "home", *arguments)
    assert ended.returncode != 0
    assert "t0ken" not in ended.stdout + ended.stderr


FAULT = """
import sys
import landerctl.__main__ as program
program._dispatch = None  # a fault in the program
sys.exit(program.main())
"""


@pytest.mark.parametrize("arguments", [["events", "--home=here"], ["check", "--home", "here"]])
@pytest.mark.parametrize("gone", [False, True])
def test_a_fault_is_logged_where_it_can_be(
    tmp_path: Path, arguments: list[str], gone: bool
) -> None:
    """Also in a current folder that was removed."""
    (tmp_path / "folder" / "here").mkdir(parents=True)
    remove = "rm -r ../folder;" if gone else ""
    ended = subprocess.run(
        [
            *("sh", "-c", f'cd "$0"; {remove} exec "$@"', str(tmp_path / "folder")),
            *(sys.executable, "-c", FAULT, *arguments),
        ],
        env=environment(tmp_path, PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == (3 if arguments[0] == "check" else Exit.SOFTWARE)
    assert ended.stdout.startswith("LANDERCTL UNKNOWN" if arguments[0] == "check" else "")
    assert "landerctl: internal error: 'NoneType' object is not callable; " in ended.stderr
    log = tmp_path / "folder" / "here" / "landerctl.log"
    assert ended.stderr.count("Traceback") == gone
    assert gone or "Traceback" in log.read_text()


def test_a_relative_folder_in_a_removed_one_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    for verb, code in (("status", Exit.USAGE), ("events", Exit.USAGE), ("check", 3)):
        ended = subprocess.run(
            ["sh", "-c", f'cd "$0"; rmdir "$0"; exec {SCRIPT} {verb} --home x', str(tmp_path)],
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )
        tmp_path.mkdir()
        assert ended.returncode == code
        [line] = ended.stderr.splitlines()
        assert "x: the current folder no longer exists" in line
