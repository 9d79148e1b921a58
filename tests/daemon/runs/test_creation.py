"""Creating runs: whole or not there, also after a kill."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from daemon.base.leftovers import unfinished
from daemon.base.paths import RunPaths, StatePaths
from daemon.config import load_config
from daemon.config.fingerprint import fingerprint
from daemon.runs.creation import create_run
from daemon.runs.metadata import Parent, read_metadata
from daemon.runs.run_folder import all_runs

CONFIG = load_config(None).config
KILLED = """
import os, signal, sys
from pathlib import Path
from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.runs.creation import create_run
create_run(
    StatePaths(Path(sys.argv[1])),
    load_config(None).config,
    fill=lambda run, _: os.kill(os.getpid(), signal.SIGKILL),
)
"""


def test_a_run_records_what_it_is(paths: StatePaths) -> None:
    parent = Parent("20250101-000000-demo-ppo-0000", "000001-100-stop", 100)
    run = create_run(paths, CONFIG, 1e9, name="first", tags=["b", "a", "b"], parent=parent)
    metadata = read_metadata(run)
    assert (metadata.name, metadata.tags, metadata.parent) == ("first", ("a", "b"), parent)
    assert metadata.created_s == 1e9
    assert metadata.fingerprint == fingerprint(CONFIG)
    assert run.metadata.stat().st_mode & 0o777 == 0o600


def test_made_up_names_differ_within_a_state_folder(paths: StatePaths) -> None:
    runs = [create_run(paths, CONFIG) for _ in range(20)]
    assert len({read_metadata(run).name for run in runs}) == 20


def test_what_fill_raises_leaves_nothing(paths: StatePaths) -> None:
    def fill(run: RunPaths, run_id: str) -> None:
        assert run.config.exists()
        assert run_id != run.id
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        create_run(paths, CONFIG, fill=fill)
    assert list(paths.runs.iterdir()) == []


def test_a_killed_creation_is_no_run_and_is_removed_by_the_next(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert killed.returncode == -9
    assert list(all_runs(paths)) == []
    assert len(unfinished(paths.runs)) == 1
    run = create_run(paths, CONFIG)
    assert list(paths.runs.iterdir()) == [run.folder]
