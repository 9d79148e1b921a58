"""An internal error of the screen: a traceback without variables, which may hold secrets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.landerctl.operator_side import ROOT, environment, make_run

FAILING = """
import sys
from pathlib import Path
from daemon.base.paths import StatePaths
from landerctl.tui.app import LanderctlApp

def fail(*_: object) -> None:
    settings = {"url": sys.argv[2]}
    raise ValueError(f"cannot reach {settings['url']}")

LanderctlApp.on_snapshot_taken = fail
LanderctlApp(StatePaths(Path(sys.argv[1])), ()).run(headless=True)
"""


def test_a_traceback_shows_no_variable_and_no_secret(tmp_path: Path) -> None:
    make_run(tmp_path / "home")
    script = tmp_path / "failing.py"
    script.write_text(FAILING)
    ended = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "home"), "tgram://t0ken/chat"],
        cwd=ROOT,
        env=environment(tmp_path / "home"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60.0,
    )
    printed = ended.stdout + ended.stderr
    assert "ValueError: cannot reach tgram://..." in printed
    assert "t0ken" not in printed
