"""A warm start, with a cloning of a second: its reports, gates at step 0, resume and stop."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
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


@pytest.fixture(scope="module", autouse=True)
def _short() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warm_start, "REFERENCE", SHORT)
        yield


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


@dataclass(frozen=True)
class Trained:
    """A whole training whose clone holds all gates."""

    run: RunPaths
    watched: Watched


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    run = make_run(tmp_path_factory.mktemp("warm") / "run", warm_config(held=3))
    return Trained(run, Watched(run))


def progress(watched: Watched) -> list[Progress]:
    return [one for one in watched.reports if isinstance(one, Progress)]


def passed(watched: Watched) -> list[tuple[object, object]]:
    every = [one.body for one in events(watched) if one.name == "stage.passed"]
    return [(one["stage"], one["timesteps"]) for one in every]


def test_gates_that_the_clone_holds_are_passed_at_step_0(whole: Trained) -> None:
    cloned = next(one for one in events(whole.watched) if one.name == "warmstart.cloned")
    assert cloned.body["warm_start_steps"] == SHORT.environment_steps
    assert passed(whole.watched) == [(1, 0), (2, 0), (3, 0)]
    last = progress(whole.watched)[-1]
    assert (last.stage, last.ramp_step, last.gate_passed) == (3, 3, True)
    assert last.episodes > 0  # those of the last stage's own difficulty
    saved = list_checkpoints(whole.run.checkpoints).whole
    kinds = [(one.kind, one.timesteps) for one in saved]
    assert kinds[0] == ("cloned", 0)
    assert kinds.count(("gate", 0)) == 3
    newest = whole.run.checkpoints / saved[-1].id
    assert read_warm_start_steps(newest) == SHORT.environment_steps


def test_cloning_and_gates_are_steps_of_the_start(whole: Trained) -> None:
    starts = [one for one in whole.watched.reports if isinstance(one, Startup)]
    assert [step.name for step in starts[-1].over][-2:] == ["cloning", "evaluating"]
    assert (SHORT.rollouts + SHORT.value_rollouts) in {one.total for one in starts}


def test_a_run_killed_between_two_gates_continues_to_the_bit(
    whole: Trained, tmp_path: Path
) -> None:
    resumed = Watched(_killed_after_its_first_gate(whole.run, tmp_path / "killed"))
    assert "warmstart.cloned" not in names(resumed)
    assert passed(resumed) == [(2, 0), (3, 0)]
    figures = [
        [(one.timesteps, one.episodes, one.reward_mean) for one in progress(watched)]
        for watched in (whole.watched, resumed)
    ]
    assert figures[0] == figures[1]


def test_it_begins_on_the_ramp_of_the_first_stage_that_the_clone_does_not_hold(
    whole: Trained, tmp_path: Path
) -> None:
    run = _killed_after_its_first_gate(whole.run, tmp_path / "killed")
    write_run_config(run, warm_config(held=1))
    resumed = Watched(run)
    assert "stage.unconfirmed" in names(resumed)
    first = progress(resumed)[0]
    assert (first.stage, first.ramp_step, first.gate_passed) == (2, 1, False)
    assert progress(resumed)[-1].episodes > 0


def test_a_stop_ends_the_cloning_with_nothing_to_save(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", warm_config(held=0))
    assert Watched(run, encode_line(Stop(reason="test"))).how is TrainerExit.INTERRUPTED
    assert not run.checkpoints.exists()


def _killed_after_its_first_gate(run: RunPaths, folder: Path) -> RunPaths:
    """A copy of the run without what was saved later."""
    copied = make_run(folder, read_run_config(run))
    saved = list_checkpoints(run.checkpoints).whole
    last = next(one.sequence for one in saved if one.kind == "gate")
    for manifest in saved:
        if manifest.sequence <= last:
            shutil.copytree(run.checkpoints / manifest.id, copied.checkpoints / manifest.id)
    return copied
