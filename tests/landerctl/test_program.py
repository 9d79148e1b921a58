"""The program's name in suggested commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from landerctl.program import program


def test_the_name_if_on_the_path_else_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", [".venv/bin/landerctl", "start"])
    assert program() == ".venv/bin/landerctl"
    script = tmp_path / "landerctl"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    assert program() == "landerctl"


def test_a_program_that_only_imports_it_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.argv", ["/usr/bin/pytest"])
    assert program() == "landerctl"
