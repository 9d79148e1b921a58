"""systemd accepts the unit, and `start --foreground` works with it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from landerctl.cli.commands.run.service import unit_text
from tests.landerctl.operator_side import landerctl

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


@needs_systemd
@pytest.mark.parametrize("name", ["plain", "with space", "per%cent", 'quo"te', "dol$lar"])
def test_systemd_accepts_the_unit(tmp_path: Path, name: str) -> None:
    text = unit_text(
        StatePaths(tmp_path / name), ("/a b/config.toml", "/lab.toml"), sys.executable, 30.0
    )
    assert '"--config" "/a b/config.toml" "--config" "/lab.toml"' in text
    unit = tmp_path / "landerctl.service"
    unit.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", str(unit)],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert "landerctl.service" not in done.stderr


def test_it_gives_the_trainer_time_and_kills_nothing_before(tmp_path: Path) -> None:
    text = unit_text(StatePaths(tmp_path), (), sys.executable, 45.0)
    assert "KillMode=mixed\nTimeoutStopSec=75\n" in text
    assert "--config" not in text


def test_show_prints_the_unit(tmp_path: Path) -> None:
    shown = landerctl(tmp_path / "home", "service", "show")
    assert shown.returncode == 0, shown.stderr
    assert f'"--home" "{tmp_path / "home"}"' in shown.stdout
