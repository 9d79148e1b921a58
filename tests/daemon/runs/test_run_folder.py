"""Runs and the pointer to the current one."""

from __future__ import annotations

import os
import re

import msgspec
import pytest

from daemon.base.paths import StatePaths
from daemon.config import ConfigError, load_config
from daemon.config.demo import shortened
from daemon.runs.creation import create_run
from daemon.runs.run_folder import current_run, read_run_config, set_current


def test_a_run_stores_its_configuration(paths: StatePaths) -> None:
    config = shortened(load_config(None, {"run": {"mode": "demo", "n_envs": 3}}).config)
    run = create_run(paths, config)
    assert re.fullmatch(r"\d{8}-\d{6}-demo-ppo-[0-9a-f]{4}", run.id)
    assert read_run_config(run) == config
    for folder in (paths.home, paths.runs, run.folder, run.checkpoints, run.tensorboard):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert run.config.stat().st_mode & 0o777 == 0o600


def test_the_current_run(paths: StatePaths) -> None:
    assert current_run(paths) is None
    first, second = (create_run(paths, load_config(None).config) for _ in range(2))
    assert current_run(paths) is None
    for run in (first, second):
        set_current(paths, run.id)
        assert current_run(paths) == run
    second.folder.rename(paths.home / "moved")
    assert current_run(paths) is None


@pytest.mark.parametrize("id_", ["../runs", "", ".hidden", "a/b", "a\nb"])
def test_invalid_ids_are_refused(paths: StatePaths, id_: str) -> None:
    create_run(paths, load_config(None).config)
    with pytest.raises(ValueError, match="not a run's id"):
        set_current(paths, id_)
    paths.current.write_text(id_)
    assert current_run(paths) is None


def test_an_invalid_frozen_configuration_names_the_file(paths: StatePaths) -> None:
    run = create_run(paths, load_config(None).config)
    run.config.write_text("{}")
    with pytest.raises(ConfigError, match=r"config\.json: .*missing.*--fresh"):
        read_run_config(run)
    run.config.unlink()
    with pytest.raises(ConfigError, match=r"config\.json: .*No such file"):
        read_run_config(run)


def test_a_setting_newer_than_the_run_gets_its_default(paths: StatePaths) -> None:
    config = load_config(None).config
    run = create_run(paths, config)
    frozen = msgspec.json.decode(run.config.read_bytes())
    del frozen["curriculum"]["ramp_success_rate"]
    frozen["run"]["seed"] = 7
    run.config.write_bytes(msgspec.json.encode(frozen))
    read = read_run_config(run)
    assert read.curriculum.ramp_success_rate == config.curriculum.ramp_success_rate
    assert read.run.seed == 7


def test_two_runs_that_draw_the_same_id_have_a_folder_each(
    paths: StatePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, urandom = iter([b"\xbe\xef", b"\xbe\xef", b"\xca\xfe"]), os.urandom
    monkeypatch.setattr(os, "urandom", lambda size: next(drawn) if size == 2 else urandom(size))
    config = load_config(None).config
    first, second = (create_run(paths, config, created_s=1e9) for _ in range(2))
    assert first.id.endswith("-beef")
    assert second.id.endswith("-cafe")
