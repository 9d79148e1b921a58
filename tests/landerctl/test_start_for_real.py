"""One session with the real trainer: start, second start, stop, and where it would go on."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from daemon.identity import lock_is_held
from daemon.paths import StatePaths
from daemon.runs import current_run
from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import landerctl


def test_start_trains_in_the_background_and_stop_saves() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "state"
        try:
            options = ["--mode", "standard", "--n-envs", "4", "--seed", "7"]
            started = landerctl(home, "start", *options, timeout_s=300.0)
            assert started.returncode == Exit.OK, started
            assert "importing" in started.stderr
            assert "`landerctl stop`" in started.stdout
            view = json.loads(landerctl(home, "status", "--json").stdout)
            assert view["status"]["trainer"]["state"] == "RUNNING"
            assert view["status"]["progress"]["timesteps"] > 0
            assert view["status"]["run"]["n_envs"] == 4
            assert landerctl(home, "start").returncode == Exit.ALREADY_RUNNING
        finally:
            stopped = landerctl(home, "stop", timeout_s=120.0)
        assert stopped.returncode == Exit.OK, stopped
        assert not lock_is_held(StatePaths(home))
        run = current_run(StatePaths(home))
        assert run is not None
        entries = json.loads(landerctl(home, "backups", "--json").stdout)
        [newest] = [entry for entry in entries if entry["state"] == "newest"]
        assert newest["id"].endswith("-stop")
        contradicted = landerctl(home, "start", "--n-envs", "8")
        assert contradicted.returncode == Exit.USAGE
        assert f"run {run.id} was begun with --n-envs 4" in contradicted.stderr
