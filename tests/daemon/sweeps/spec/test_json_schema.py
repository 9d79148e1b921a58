"""The JSON Schema of a sweep's file: up to date, and taplo accepts and refuses by it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.sweeps.spec.json_schema import json_schema_text
from tests.daemon.harness import ROOT

FILE = ROOT / "docs" / "sweep.schema.json"
TAPLO = shutil.which("taplo", path=str(Path(sys.executable).parent))


def lint(*files: Path) -> subprocess.CompletedProcess[str]:
    assert TAPLO is not None
    command = [TAPLO, "lint", "--schema", FILE.as_uri(), *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_schema_is_up_to_date() -> None:
    page = (ROOT / "docs" / "sweep-file.md").read_text(encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == json_schema_text(page), (
        "python -m daemon.sweeps.spec.json_schema < docs/sweep-file.md > docs/sweep.schema.json"
    )


def test_taplo_accepts_the_examples() -> None:
    done = lint(*(ROOT / "examples" / "sweeps").glob("*.toml"))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seeds.count = 2\n", '"limits" is a required property'),
        ("limits.steps = 0\n", "0 is less than the minimum of 1"),
        ('limits.steps = 9\nparameters = [{ setting = "ppo.gama" }]\n', "not valid under any"),
        ("limits.steps = 9\nlimits.step = 9\n", "Additional properties are not allowed"),
    ],
)
def test_taplo_refuses_and_says_why(text: str, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "sweep.toml"
    file.write_text(text, encoding="utf-8")
    done = lint(file)
    assert done.returncode == 1
    assert expected in done.stderr
