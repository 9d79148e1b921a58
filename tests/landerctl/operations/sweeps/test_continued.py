"""The run that `sweep best --start` begins."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.base.paths import StatePaths
from daemon.config.as_file import config_text
from daemon.runs.creation import create_run
from daemon.runs.metadata import read_metadata
from daemon.runs.run_folder import read_run_config
from daemon.sweeps.creation import read_base, read_spec
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import Trial
from daemon.sweeps.trial_config import trial_config
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.sweeps.continued import Continued, begin_anew, continued
from tests.daemon.backup.forking.samples import save_state
from tests.landerctl.operations.sweeps.made_sweep import TRIALS, made_sweep


@pytest.fixture
def sweep(tmp_path: Path) -> SweepPaths:
    return made_sweep(StatePaths(tmp_path))


def trained(sweep: SweepPaths, trial: Trial) -> Trial:
    """The trial, with a state folder that has a run with a checkpoint at 5,000 steps."""
    home = sweep.trial(trial.number)
    config = trial_config(read_base(sweep), read_spec(sweep), trial.values, trial.seed)
    home.home.mkdir()
    (home.home / "config.toml").write_text(config_text(config))
    run = create_run(home, config, name="trial")
    save_state(run)
    return replace(trial, run_id=run.id, steps=5_000)


def plan(sweep: SweepPaths, trial: Trial, timesteps: int | None = None) -> Continued:
    return continued(sweep, read_spec(sweep), trial, timesteps)


def test_it_continues_the_trial_with_threads_and_length_of_an_ordinary_run(
    sweep: SweepPaths,
) -> None:
    found = plan(sweep, trained(sweep, TRIALS[0]))
    base = read_base(sweep)
    assert found.fork is not None and found.fork.plan.timesteps == 5_000
    assert not found.fork.plan.refused and not found.fork.plan.begins_anew
    assert found.config.ppo.learning_rate == 1e-4
    assert found.config.run.timesteps == base.run.timesteps
    assert found.config.run.torch_threads == base.run.torch_threads
    assert found.config.fleet.threads == base.fleet.threads
    assert found.tags == ("sweep=rates", "trial=0")


def test_it_must_go_beyond_what_the_trial_has_trained(sweep: SweepPaths) -> None:
    trial = trained(sweep, TRIALS[0])
    assert plan(sweep, trial, 6_000).config.run.timesteps == 6_000
    with pytest.raises(Failure, match="has trained 5,000 steps already") as refused:
        plan(sweep, trial, 5_000)
    assert refused.value.code == Exit.USAGE


def test_without_the_trials_state_folder_it_begins_anew_with_its_settings(
    sweep: SweepPaths, tmp_path: Path
) -> None:
    found = plan(sweep, TRIALS[2])
    base = read_base(sweep)
    assert found.fork is None
    run, message = begin_anew(StatePaths(tmp_path), found, "tuned")
    assert "the settings of trial 2, from the start" in message
    assert read_metadata(run).tags == ("sweep=rates", "trial=2")
    config = read_run_config(run)
    assert (config.ppo.learning_rate, config.run.seed) == (4e-4, 1)
    assert config.run.timesteps == base.run.timesteps
    assert config.fleet.threads == base.fleet.threads
