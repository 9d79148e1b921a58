"""Output in an encoding that lacks characters."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.landerctl.operator_side import SCRIPT, environment, fill_store

PRINT = (
    "import sys; from daemon.base.text.spelling import spell_unencodable; spell_unencodable();"
    "print(sys.argv[1]); print(sys.argv[1], file=sys.stderr)"
)
TEXT = "Méca · 61 °C → “bad” … ±1 ✓ █ ┃ 月"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", TEXT),
        ("latin-1", "Méca · 61 °C -> 'bad' ... ±1 + # | ?"),
        ("ascii", "Meca - 61 deg C -> 'bad' ... +/-1 + # | ?"),
    ],
)
def test_what_an_encoding_lacks_is_spelled(encoding: str, shown: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PRINT, TEXT],
        env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "1"},
        capture_output=True,
        check=True,
    )
    assert ended.stdout.decode(encoding).splitlines() == [shown]
    assert ended.stderr.decode(encoding).splitlines() == [shown]


# As a shell without a locale, and as Python before it coerced the C locale to UTF-8.
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize(
    "verb", ["--help", "start --help", "status", "check", "alerts", "status --json"]
)
def test_no_verb_fails_without_utf8(tmp_path: Path, encoding: str, verb: str) -> None:
    fill_store(tmp_path, stop_reason="Méca · 月", stopped_s=1.0)
    ended = subprocess.run(
        [SCRIPT, *verb.split()],
        env=environment(tmp_path, PYTHONIOENCODING=encoding, LC_ALL="C", PYTHONUTF8="0"),
        capture_output=True,
        check=False,
    )
    assert ended.returncode in (0, 1, 3), ended
    assert b"internal error" not in ended.stderr
    assert b"Traceback" not in ended.stderr
    if verb == "status --json":
        assert json.loads(ended.stdout)["status"]["daemon"]["stop_reason"] == "Méca · 月"
    if verb == "status":
        assert ("M\xe9ca" if encoding == "latin-1" else "Meca").encode(encoding) in ended.stdout
