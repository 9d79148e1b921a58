from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.runs.curves import Passed, RunCurves, read_curves, write_curves
from daemon.runs.run_folder import all_runs, current_run, read_run_config
from daemon.sweeps.trial.below import Surroundings
from daemon.sweeps.trial.errors import TrialError
from daemon.sweeps.trial.forking import fork_run
from daemon.sweeps.trial.home import prepare_run, write_config
from tests.daemon.backup.forking.samples import save_state
from tests.daemon.sweeps.trial.test_home import order

GATES = (Passed(1.0, 1, 2000, 1.0), Passed(2.0, 2, 9000, 2.0))
CONFIG = load_config(None, {"ppo": {"desired_kl": 0.02}}).config


def parent_of(folder: Path) -> tuple[RunPaths, str]:
    """A trial with a state of 5000 steps, and how it is named."""
    paths = StatePaths(folder)
    write_config(paths, order(folder))
    run = create_run(paths, load_config(None).config)
    write_curves(run, RunCurves(gates=GATES))
    return run, f"{folder}:{run.id}/{save_state(run).manifest.id}"


def test_a_forked_trial_continues_the_state_and_has_passed_its_gates(
    tmp_path: Path, nothing_below: Surroundings
) -> None:
    for name in ("parent", "fork"):
        (tmp_path / name).mkdir()
    parent, origin = parent_of(tmp_path / "parent")
    paths = StatePaths(tmp_path / "fork")
    forked = order(paths.home, config=msgspec.json.encode(CONFIG), fork_from=origin)
    run = prepare_run(paths, forked, write_config(paths, forked), nothing_below)
    assert read_run_config(run).ppo.desired_kl == 0.02
    (manifest,) = list_checkpoints(run.checkpoints).whole
    assert (manifest.kind, manifest.timesteps) == ("fork", 5000)
    curves = read_curves(run)
    assert curves is not None and curves.gates == GATES[:1]
    # Its next leg; also if it was killed before the fork had become the current run.
    paths.current.unlink()
    assert prepare_run(paths, forked, CONFIG, nothing_below) == run == current_run(paths)
    assert list(all_runs(paths)) == [run]
    assert parent.folder.exists()


@pytest.mark.parametrize(
    ("origin", "reason"),
    [
        ("nowhere", "is no state of another trial"),
        ("{home}:unknown/000001-5000-stop", "cannot be forked"),
        ("{home}:{run}/000009-5000-stop", "has no checkpoint and no backup with this id"),
    ],
)
def test_a_fork_of_nothing_says_so(tmp_path: Path, origin: str, reason: str) -> None:
    run, _ = parent_of(tmp_path)
    with pytest.raises(TrialError, match=reason):
        fork_run(StatePaths(tmp_path / "fork"), origin.format(home=tmp_path, run=run.id), CONFIG)
