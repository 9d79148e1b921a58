"""What a user reads without Basilisk, in a real process that cannot find it."""

from __future__ import annotations

from pathlib import Path

from daemon.config import load_config
from daemon.trainer.commands.drills.imports import import_without_basilisk
from daemon.trainer.commands.drills.work import Work


def test_without_basilisk_one_line_says_what_to_install(tmp_path: Path) -> None:
    found = import_without_basilisk(Work(load_config(None).config, tmp_path, lambda *_: None))
    assert found.holds is True, found.text
    assert found.text.endswith("install it with: python -m pip install 'bsk>=2.12'")
    assert found.figures == {"exit_code": 78, "lines": 1}
