"""The one rule for files with secrets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from daemon.base.secrets.secret_file import (
    MAX_BYTES,
    SecretFileError,
    permission_fault,
    read_secret_file,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "my secret"
    file.write_bytes(b"word")
    file.chmod(0o600)
    return file


def refusal(path: Path) -> str:
    with pytest.raises(SecretFileError) as caught:
        read_secret_file(path)
    return str(caught.value)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_file_is_read(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert read_secret_file(file) == b"word"


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o610, 0o604, 0o602, 0o644])
def test_a_file_open_to_group_or_others_is_refused_with_the_fix(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert refusal(file) == (
        f"{file}: holds a secret and is open to others (mode {mode:03o}); run `chmod 600 '{file}'`"
    )


def test_another_user_s_file_is_refused_with_the_fix(file: Path) -> None:
    status = list(file.stat())
    status[4] = os.geteuid() + 1
    fault = permission_fault(file, os.stat_result(status))
    assert f"belongs to user id {os.geteuid() + 1}, not to you ({os.geteuid()})" in fault
    assert fault.endswith(f"run `chmod 600 '{file}'`")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_given_away_is_refused(file: Path) -> None:
    os.chown(file, 12345, -1)
    assert "belongs to user id 12345" in refusal(file)


def test_what_is_no_plain_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert refusal(tmp_path / "pipe") == f"{tmp_path / 'pipe'}: is not a plain file"
    assert refusal(tmp_path) == f"{tmp_path}: Is a directory"
    assert refusal(tmp_path / "none") == f"{tmp_path / 'none'}: No such file or directory"


def test_an_endless_file_is_refused(file: Path) -> None:
    os.truncate(file, MAX_BYTES + 1)
    assert "has more than 1,048,576 bytes" in refusal(file)
