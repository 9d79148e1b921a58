"""`landerctl start` creates nothing before all settings are known to be usable."""

from __future__ import annotations

from pathlib import Path

import pytest

from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import landerctl


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[terrain]\nheight_map = 'moon.npy'\n", "terrain.height_map: FOLDER/moon.npy: cannot"),
        ("[expected]\nsteps_per_s = [5, 1]\n", "line 2: expected.steps_per_s = [5.0, 1.0]: "),
        ("[run\n", "is not valid TOML at line 1"),
    ],
)
def test_a_bad_setting_leaves_no_file(tmp_path: Path, text: str, what: str) -> None:
    file, home = tmp_path / "mine.toml", tmp_path / "home"
    file.write_text(text)
    done = landerctl(home, "start", "--config", str(file))
    assert done.returncode == Exit.CONFIG
    assert done.stderr.startswith(f"landerctl: {file}: {what.replace('FOLDER', str(tmp_path))}")
    assert done.stderr.count("\n") == 1
    assert not home.exists()


def test_a_bad_option_leaves_no_file(tmp_path: Path) -> None:
    done = landerctl(tmp_path / "home", "start", "--stage", "9")
    assert done.returncode == Exit.USAGE
    assert done.stderr.startswith("landerctl: --stage: run.stage = 9: allowed 1 to 5")
    assert not (tmp_path / "home").exists()
