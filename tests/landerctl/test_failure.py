"""What a failed verb prints and logs: no secret of its arguments or of an error."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from landerctl.failure import Failure, report_unexpected
from tests.landerctl.operator_side import landerctl


def test_a_failure_is_redacted() -> None:
    failure = Failure("target s3://key:t0ken@bucket/x: url must not contain a user")
    assert failure.text == str(failure) == "target s3://bucket/...: url must not contain a user"


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
    assert "$ landerctl restore s3://bucket/...\n" in logged
    assert "ValueError: no answer of mailto://...\n" in logged
    assert "t0ken" not in printed + logged


@pytest.mark.parametrize(
    "arguments",
    [
        ["restore", "s3://key:t0ken@bucket/x", "--dry-run"],
        ["restore", "tgram://t0ken/chat", "--dry-run"],
        ["tgram://t0ken/chat"],
        ["status", "--config", "tgram://t0ken/chat"],
        ["check", "tgram://t0ken/chat"],
        ["alerts", "show", "tgram://t0ken/chat"],
        ["start", "--mode", "tgram://t0ken/chat"],
    ],
)
def test_an_argument_that_is_a_secret_is_not_repeated(tmp_path: Path, arguments: list[str]) -> None:
    ended = landerctl(tmp_path / "home", *arguments)
    assert ended.returncode != 0
    assert "t0ken" not in ended.stdout + ended.stderr
