"""Log rotation loses no lines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.base import files
from tests.daemon.harness import ROOT

ROTATING = """
import logging, os, sys
from pathlib import Path
import daemon.supervisor.__main__ as supervisor
supervisor.MAX_LOG_BYTES = 2000
supervisor._set_up_log(Path(sys.argv[1]))
for number in range(100):
    logging.getLogger("test").info("line %d", number)
os.write(2, b"the interpreter's fatal error")
"""


def append(path: Path, data: bytes) -> None:
    descriptor = files.open_log(path)
    os.write(descriptor, data)
    os.close(descriptor)


def test_a_large_log_is_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_LOG_BYTES", 10)
    log, before = tmp_path / "trainer.log", tmp_path / "trainer.log.1"
    append(log, b"0123456789")
    append(log, b"more")
    assert not before.exists()
    append(log, b"new")
    assert (before.read_bytes(), log.read_bytes()) == (b"0123456789more", b"new")
    assert log.stat().st_mode & 0o777 == 0o600
    append(log, b"est, and large")
    append(log, b"newest")
    assert (before.read_bytes(), log.read_bytes()) == (b"newest, and large", b"newest")


def test_the_supervisors_log_rotates_and_standard_error_follows(tmp_path: Path) -> None:
    log = tmp_path / "supervisor.log"
    subprocess.run([sys.executable, "-c", ROTATING, str(log)], cwd=ROOT, check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "supervisor.log",
        "supervisor.log.1",
        "supervisor.log.2",
    ]
    assert all(path.stat().st_size <= 2100 for path in tmp_path.iterdir())
    text = log.read_text()
    assert "line 99" in text and text.endswith("the interpreter's fatal error")
