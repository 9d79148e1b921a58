"""`landerctl film`: what the trainer gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from landerctl.cli.app import run as execute


def test_a_file_whose_name_begins_with_a_dash_is_no_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDERCTL_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    given: list[str] = []
    trainer = "landerctl.cli.commands.try_out.film.become_trainer"
    monkeypatch.setattr(trainer, lambda _, arguments: given.extend(arguments))
    execute(["film", "--out", "./-x.mp4"])
    assert "--out=-x.mp4" in given
