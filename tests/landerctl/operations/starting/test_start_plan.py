"""Decisions and refusals of `start`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
import pytest
import typer

from daemon.base.paths import StatePaths
from daemon.checkpoint.manifest import Manifest
from daemon.config import Config, Sources, load_config, load_sources
from daemon.config.layering.assign import Assignment
from daemon.config.layering.layers import GivenLayer
from daemon.config.schema import CheckpointKind
from daemon.runs.creation import create_run
from daemon.runs.run_folder import current_run, set_current
from daemon.supervisor.lifecycle.launch import LaunchError
from landerctl.cli.commands.run import launching, start
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.starting.start_plan import (
    RunOptions,
    completed,
    ignored_settings,
    resumed_config,
)
from tests.daemon.checkpoint.manifest_sample import manifest
from tests.landerctl.operator_side import landerctl, lock_held, make_checkpoint, make_run


@pytest.fixture
def frozen() -> Config:
    return load_config(None).config


def newest(kind: CheckpointKind) -> Manifest:
    return manifest(
        9, kind, id=f"000009-60000000-{kind}", run_id="run-1", timesteps=60_000_000, stage=5
    )


def test_resuming_keeps_the_run_s_configuration(frozen: Config) -> None:
    assert resumed_config("run-1", frozen, RunOptions()) == frozen
    same = RunOptions(algorithm="ppo", n_envs=frozen.run.n_envs)
    assert resumed_config("run-1", frozen, same) == frozen


def test_timesteps_may_be_raised_but_not_lowered(frozen: Config) -> None:
    raised = resumed_config("run-1", frozen, RunOptions(timesteps=10**8))
    assert raised.run.timesteps == 10**8
    assert msgspec.structs.replace(raised, run=frozen.run) == frozen
    with pytest.raises(Failure, match="not lowered"):
        resumed_config("run-1", frozen, RunOptions(timesteps=1000))


@pytest.mark.parametrize(
    ("options", "flag"),
    [
        (RunOptions(algorithm="sac"), "--algorithm"),
        (RunOptions(mode="demo"), "--mode"),
        (RunOptions(n_envs=7), "--n-envs"),
        (RunOptions(stage=2), "--stage"),
        (RunOptions(seed=1), "--seed"),
        (RunOptions(seed=0), "--seed"),
        (RunOptions(warm_start="reference"), "--warm-start none, not reference"),
    ],
)
def test_options_that_contradict_the_run_are_an_error(
    frozen: Config, options: RunOptions, flag: str
) -> None:
    with pytest.raises(Failure, match=f"{flag}.*--fresh") as caught:
        resumed_config("run-1", frozen, options)
    assert caught.value.code is Exit.USAGE


def test_a_run_is_completed_by_its_final_checkpoint_until_rolled_back() -> None:
    assert completed(newest("final"))
    assert not completed(newest("rollback"))
    assert not completed(None)


def test_settings_ignored_by_a_resumed_run_are_named(frozen: Config) -> None:
    other = load_config(
        None, {"ppo": {"gamma": 0.9}, "run": {"n_envs": 4}, "tensorboard": {"port": 7000}}
    )
    [line] = ignored_settings("run-1", frozen, other)
    assert "(ppo)" in line
    given = [GivenLayer("LANDERCTL_PPO__GAMMA", "variable", Assignment("ppo.gamma", 0.9))]
    [line] = ignored_settings("run-1", frozen, load_sources(Sources(), given))
    assert line == "LANDERCTL_PPO__GAMMA: only for a new run (--fresh); this one keeps 0.99"
    with pytest.raises(Failure, match=r"with ppo\.gamma = 0\.99, not 0\.9: omit --set ppo\.gamma"):
        ignored_settings("run-1", frozen, load_sources(Sources(settings=("ppo.gamma=0.9",))))
    same = Sources(settings=("ppo.gamma=0.99", "tensorboard.port=7000"))
    assert ignored_settings("run-1", frozen, load_sources(same)) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[run]\nn_envs = 1000\n", ["run.n_envs = 1000", "<= 512"]),
        ("[run]\nalgorithm = 'dqn'\n", ["run.algorithm = 'dqn'", "ppo, sac, td3"]),
        ("[run]\nn_env = 8\n", ["run.n_env", "'n_envs'"]),
        ("[run\n", ["not valid TOML"]),
    ],
)
def test_a_bad_configuration(tmp_path: Path, content: str, words: list[str]) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(content)
    home = tmp_path / "home"
    ended = landerctl(home, "start", "--config", str(file))
    assert ended.returncode == Exit.CONFIG
    assert len(ended.stderr.splitlines()) == 1
    for word in [str(file), *words]:
        assert word in ended.stderr
    assert current_run(StatePaths(home)) is None


def test_an_error_of_the_command_line_does_not_name_the_file(tmp_path: Path) -> None:
    ended = landerctl(tmp_path / "home", "start", "--n-envs", "1000")
    assert ended.returncode == Exit.USAGE
    assert "--n-envs: run.n_envs = 1000: expected int <= 512" in ended.stderr


def test_a_state_folder_that_cannot_be_used(tmp_path: Path) -> None:
    plain_file = tmp_path / "file"
    plain_file.touch()
    somebody_s = tmp_path / "documents"
    somebody_s.mkdir()
    (somebody_s / "letter.txt").touch()
    for home in (plain_file, plain_file / "home", somebody_s, tmp_path / ("x" * 300)):
        ended = landerctl(tmp_path, "--home", str(home), "start")
        assert ended.returncode == Exit.CANNOT_WRITE, ended
        assert str(home) in ended.stderr
        assert "--home" in ended.stderr
        assert len(ended.stderr.splitlines()) == 1


def test_nothing_to_resume(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ended = landerctl(Path(folder), "start", "--resume")
    assert ended.returncode == Exit.NOT_FOUND


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    with lock_held(tmp_path):
        ended = landerctl(tmp_path, "start", "--fresh")
    assert ended.returncode == Exit.ALREADY_RUNNING
    assert "pid 4242" in ended.stderr
    assert list(StatePaths(tmp_path).runs.iterdir()) == [run.folder]


@pytest.mark.parametrize("fresh", [True, False])
def test_a_start_that_loses_a_race_removes_its_own_new_run_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: bool
) -> None:
    """Another `start --fresh` wins between the check of the state folder and the launch."""
    paths, run = StatePaths(tmp_path), make_run(tmp_path)
    checkpoint = make_checkpoint(run, 1000)
    rival = create_run(paths, load_config(None).config)

    def lose(paths: StatePaths, config_path: Path | None, run_id: str) -> None:
        set_current(paths, rival.id)
        raise LaunchError("a daemon already runs here", already_running=True)

    monkeypatch.setattr(launching, "launch", lose)
    context = typer.Context(typer.main.get_command(typer.Typer(callback=lambda: None)))
    with pytest.raises(Failure, match="already runs"):
        start.start(context, fresh=fresh, home=tmp_path)
    assert sorted(paths.runs.iterdir()) == sorted([run.folder, rival.folder])
    assert (run.checkpoints / checkpoint.id).is_dir()
