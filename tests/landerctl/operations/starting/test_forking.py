"""What `start --from` prepares, describes and refuses."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import MANIFEST, encode_record, read_manifest, seal
from daemon.config import load_config
from daemon.config.layering.assign import Assignment
from daemon.runs.creation import create_run
from daemon.runs.run_folder import set_current
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.starting.forking import Forking, describe, planned_fork, prepare_fork
from tests.daemon.backup.forking.samples import save_state

STATE = "000001-5000-gate"


@pytest.fixture
def paths(tmp_path: Path) -> StatePaths:
    return StatePaths(tmp_path / "home")


@pytest.fixture
def parent(paths: StatePaths) -> RunPaths:
    overrides = {"run": {"n_envs": 64}, "ppo": {"clip_range": 0.3}}
    run = create_run(paths, load_config(None, overrides).config, name="base")
    set_current(paths, run.id)
    save_state(run)
    return run


def prepared(paths: StatePaths, reference: str, *settings: Assignment) -> Forking:
    return prepare_fork(paths, paths.backups, reference, settings)


@pytest.mark.parametrize("reference", ["current", "base", f"base/{STATE}", STATE, "newest"])
def test_a_state_is_found_in_every_notation(
    paths: StatePaths, parent: RunPaths, reference: str
) -> None:
    forking = prepared(paths, reference)
    assert (forking.parent, forking.state.manifest.id) == (parent, STATE)
    assert forking.config == forking.before


def test_settings_change_those_of_the_parent(paths: StatePaths, parent: RunPaths) -> None:
    forking = prepared(
        paths,
        "base",
        Assignment("ppo.gae_lambda", 0.9),
        Assignment("curriculum.stages[2].relief", 0.5),
        Assignment("run.n_envs", 8),
    )
    config = forking.config
    assert (config.ppo.clip_range, config.ppo.gae_lambda, config.run.n_envs) == (0.3, 0.9, 8)
    assert config.curriculum.stages[1].relief == 0.5
    text = "\n".join(describe(forking))
    assert text.startswith(f"Fork of base/{STATE}, run {parent.id}: 5,000 steps, stage 2\n")
    assert "run.n_envs                   64 -> 8      flights begin anew: " in text
    assert text.endswith("begins anew: flights, window; the rest carries over")
    planned = msgspec.json.decode(msgspec.json.encode(planned_fork(forking, "new", ["a"])))
    assert (planned["action"], planned["name"], planned["n_envs"]) == ("fork", "new", 8)
    assert [one["setting"] for one in planned["fork"]["changes"]] == [
        "run.n_envs",
        "ppo.gae_lambda",
        "curriculum.stages[2].relief",
    ]


@pytest.mark.parametrize(
    ("reference", "setting", "refusal"),
    [
        ("bass", None, (Exit.NOT_FOUND, "did you mean 'base'")),
        ("base/000009-1-gate", None, (Exit.NOT_FOUND, "no checkpoint and no backup")),
        ("base", Assignment("ppo.gamma", 7), (Exit.USAGE, "command line: ppo.gamma = 7")),
        ("base", Assignment("curriculum.stages[9].relief", 1), (Exit.USAGE, "there are 5")),
    ],
)
@pytest.mark.usefixtures("parent")
def test_what_is_not_there_or_not_valid_is_named(
    paths: StatePaths, reference: str, setting: Assignment | None, refusal: tuple[Exit, str]
) -> None:
    with pytest.raises(Failure) as refused:
        prepared(paths, reference, *([setting] if setting else []))
    assert refused.value.code == refusal[0]
    assert refusal[1] in refused.value.text


def test_a_state_that_learned_in_another_environment_is_refused(
    paths: StatePaths, parent: RunPaths
) -> None:
    folder = parent.checkpoints / STATE
    older = msgspec.structs.replace(read_manifest(folder), versions={})
    (folder / MANIFEST).write_bytes(encode_record(seal(older)))
    with pytest.raises(Failure, match=f"--from {STATE}: it learned in version 1") as refused:
        prepared(paths, "base")
    assert refused.value.code == Exit.CONFIG
