from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from landerctl.cli import app
from landerctl.cli.commands.sweep.look import status
from landerctl.cli.commands.sweep.look.status_options import SweepStatusOptions
from landerctl.exitcodes import Exit
from tests.landerctl.operations.sweeps.made_sweep import TRIALS, made_sweep

HEAVY = {
    *("typer", "rich", "textual", "psutil", "asyncio", "socket", "subprocess", "hashlib"),
    *("torch", "numpy", "numba", "Basilisk", "optuna", "ray", "statistics", "logging"),
    *("env", "daemon.trainer", "daemon.supervisor", "landerctl.tui", "landerctl.cli.app"),
}


def test_it_starts_without_typer_and_prints_every_trial_as_json(tmp_path: Path) -> None:
    made_sweep(StatePaths(tmp_path))
    script = (
        "import sys\n"
        "from landerctl.__main__ import execute\n"
        f"sys.argv = ['landerctl', 'sweep', 'status', '--json', '--home', {str(tmp_path)!r}]\n"
        "print(execute(), *sys.modules, sep='\\n', file=sys.stderr)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    code, *modules = ended.stderr.split()
    assert int(code) == Exit.FAILED  # its coordinator is dead
    assert not HEAVY.intersection(modules)
    shown = json.loads(ended.stdout)
    assert shown["state"] == "dead"
    assert [row["number"] for row in shown["trials"]] == [one.number for one in TRIALS]


def test_typer_shows_what_the_fast_path_shows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made_sweep(StatePaths(tmp_path))
    # With an option before `status` only Typer reads the command line.
    code = app.run(["sweep", "--home", str(tmp_path), "status", "rates"])
    by_typer = capsys.readouterr().out
    assert status.run(SweepStatusOptions(home=tmp_path, names=("rates",))) == code == Exit.FAILED
    assert capsys.readouterr().out == by_typer != ""
