"""Which settings and versions differ, and when a seed is the same episode for two runs."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from daemon.config import Config, load_config
from daemon.runs.metadata import RunMetadata
from landerctl.operations.compare.differing_settings import (
    differing_settings,
    differing_versions,
    same_task,
)

DEFAULT = load_config(None).config


def changed(**sections: dict[str, Any]) -> Config:
    return load_config(None, sections).config


def with_stage(**values: Any) -> Config:
    """The default with other values in its second stage."""
    first, second, *rest = DEFAULT.curriculum.stages
    stages = [first, msgspec.structs.replace(second, **values), *rest]
    curriculum = msgspec.structs.replace(DEFAULT.curriculum, stages=stages)
    return msgspec.structs.replace(DEFAULT, curriculum=curriculum)


def test_settings_that_differ_have_a_value_of_each_run() -> None:
    configs = [DEFAULT, changed(run={"n_envs": 64}), None, with_stage(gate_success_rate=0.9)]
    found = {one.name: one.values for one in differing_settings(configs)}
    assert found == {
        "run.n_envs": (DEFAULT.run.n_envs, 64, None, DEFAULT.run.n_envs),
        "curriculum.stages[2].gate_success_rate": (0.5, 0.5, None, 0.9),
    }


def test_settings_of_algorithms_that_no_run_uses_are_left_out() -> None:
    other = changed(sac={"tau": 0.5})
    assert not differing_settings([DEFAULT, other])
    found = differing_settings([DEFAULT, changed(run={"algorithm": "sac"}, sac={"tau": 0.5})])
    assert [one.name for one in found] == ["run.algorithm", "sac.tau"]


def test_versions_and_machines_of_runs_that_record_them() -> None:
    def made(machine: str, torch: str) -> RunMetadata:
        return RunMetadata(name="a", created_s=1.0, machine=machine, versions={"torch": torch})

    found = differing_versions([made("m1", "2.8"), made("m1", "2.9"), made("", "")])
    assert [(one.name, one.values) for one in found] == [("torch", ("2.8", "2.9", None))]
    assert not differing_versions([made("m1", "2.8"), made("", "")])


@pytest.mark.parametrize(
    ("other", "stage", "same"),
    [
        (changed(ppo={"desired_kl": 0.1}, fleet={"threads": 1}), 2, True),
        (with_stage(gate_success_rate=0.9, ramp_steps=7, mastery_timesteps=5), 2, True),
        (with_stage(time_limit_s=77.0), 2, False),
        (with_stage(time_limit_s=77.0), 1, True),
        (changed(sensors={"noise": 0.0}), 1, False),
        (None, 1, False),
    ],
)
def test_a_seed_is_the_same_episode(other: Config | None, stage: int, same: bool) -> None:
    assert same_task(DEFAULT, other, stage) is same
