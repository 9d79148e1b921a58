"""A warm start, with a cloning of a second: its reports, gates at step 0, resume and stop."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from daemon.base.exitcodes import TrainerExit
from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.measured import read_warm_start_steps
from daemon.config import Config
from daemon.protocol.trainer import EventReport, Progress, Startup, Stop, encode_line
from daemon.runs.run_folder import read_run_config, write_run_config
from daemon.trainer.loop import warm_start
from tests.daemon.trainer.cloning.short import SHORT
from tests.daemon.trainer.conftest import make_run, small_config
from tests.daemon.trainer.loop.test_training_loop import Watched


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_start, "REFERENCE", SHORT)


def warm_config(*, held: int) -> Config:
    """Three stages near the ground; any policy holds the gates of the first `held`."""
    config = small_config(mode="curriculum", warm_start="reference", timesteps=256)
    near = {"altitude_m": (2.0, 4.0), "time_limit_s": 4.0, "gate_mean_reward": -1e9}
    stages = [
        msgspec.structs.replace(
            config.curriculum.stages[0],
            **near,
            name=f"near {number}",
            ramp_steps=1 if number == 1 else 3,
            gate_success_rate=0.0 if number <= held else 1.0,
            mastery_success_rate=None,
        )
        for number in (1, 2, 3)
    ]
    curriculum = msgspec.structs.replace(config.curriculum, stages=stages, confirm_episodes=4)
    return msgspec.structs.replace(config, curriculum=curriculum)


def events(watched: Watched) -> list[EventReport]:
    return [one for one in watched.reports if isinstance(one, EventReport)]


def names(watched: Watched) -> list[str]:
    return [one.name for one in events(watched)]


def test_gates_that_the_clone_holds_are_passed_at_step_0(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", warm_config(held=2))
    watched = Watched(run)
    cloned = next(one for one in events(watched) if one.name == "warmstart.cloned")
    assert cloned.body["warm_start_steps"] == SHORT.environment_steps
    passed = [one.body for one in events(watched) if one.name == "stage.passed"]
    assert [(one["stage"], one["timesteps"]) for one in passed] == [(1, 0), (2, 0)]
    first = next(one for one in watched.reports if isinstance(one, Progress))
    assert (first.stage, first.ramp_step, first.gate_passed) == (3, 1, False)
    kinds = [(one.kind, one.timesteps) for one in list_checkpoints(run.checkpoints).whole]
    assert kinds[0] == ("cloned", 0)
    assert kinds.count(("gate", 0)) == 2
    newest = list_checkpoints(run.checkpoints).whole[-1]
    assert read_warm_start_steps(run.checkpoints / newest.id) == SHORT.environment_steps


def test_its_steps_are_part_of_the_start(tmp_path: Path) -> None:
    watched = Watched(make_run(tmp_path / "run", warm_config(held=0)))
    starts = [one for one in watched.reports if isinstance(one, Startup)]
    assert [step.name for step in starts[-1].over][-2:] == ["cloning", "evaluating"]
    assert (SHORT.rollouts + SHORT.value_rollouts) in {one.total for one in starts}
    assert "stage.unconfirmed" in names(watched)
    first = next(one for one in watched.reports if isinstance(one, Progress))
    assert first.stage == 1


def test_a_resumed_run_does_not_clone_again_and_goes_on_with_the_next_gate(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", warm_config(held=3))
    whole = Watched(run)
    # Killed after the first gate: what was saved later is not there.
    first_gate = next(one for one in list_checkpoints(run.checkpoints).whole if one.kind == "gate")
    killed = _copy_until(run, first_gate.sequence, tmp_path / "killed")
    resumed = Watched(killed)
    assert "warmstart.cloned" not in names(resumed)
    passed = [one.body["stage"] for one in events(resumed) if one.name == "stage.passed"]
    assert passed == [2, 3]
    progress = [
        [(one.timesteps, one.reward_mean) for one in watched.reports if isinstance(one, Progress)]
        for watched in (whole, resumed)
    ]
    assert progress[0] == progress[1]


def test_a_stop_ends_the_cloning_with_nothing_to_save(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", warm_config(held=0))
    watched = Watched(run, encode_line(Stop(reason="test")))
    assert watched.how is TrainerExit.STOPPED
    assert not run.checkpoints.exists()
    config = read_run_config(run)
    assert config.run.warm_start == "reference"
    write_run_config(run, config)
    assert Watched(run).how is TrainerExit.COMPLETED


def _copy_until(run: RunPaths, sequence: int, folder: Path) -> RunPaths:
    copied = make_run(folder, read_run_config(run))
    for manifest in list_checkpoints(run.checkpoints).whole:
        if manifest.sequence <= sequence:
            source = run.checkpoints / manifest.id
            target = copied.checkpoints / manifest.id
            target.mkdir(parents=True)
            for file in source.iterdir():
                (target / file.name).write_bytes(file.read_bytes())
    return copied
