"""Carrying a fork out: the parent is only read, and the new run is whole or not there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from daemon.backup.forking.fork import fork
from daemon.backup.forking.plan import ForkPlan
from daemon.backup.restoring.find_state import State, UnknownIdError, find_state
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import DamagedCheckpointError, verify
from daemon.config import load_config
from daemon.config.forking.carried import Part
from daemon.runs.creation import create_run
from daemon.runs.metadata import Parent, read_metadata
from daemon.runs.run_folder import all_runs, current_run, read_run_config, set_current
from tests.daemon.backup.forking.samples import BINARY, STATE, digest_of, save_state

CONFIG = load_config(None).config


def plan_of(state: State, anew: Iterable[Part] = (), ramp_step: int = 2) -> ForkPlan:
    return ForkPlan(
        run_id=state.manifest.run_id,
        state=state.manifest.id,
        timesteps=5000,
        stage=2,
        ramp_step=ramp_step,
        changes=[],
        begins_anew=sorted(anew),
        notes=[],
        refused=[],
    )


@pytest.fixture
def parent(paths: StatePaths) -> RunPaths:
    run = create_run(paths, CONFIG)
    set_current(paths, run.id)
    return run


def test_a_fork_is_a_run_that_begins_with_the_state(paths: StatePaths, parent: RunPaths) -> None:
    state = save_state(parent)
    before = digest_of(parent.folder)
    config = load_config(None, {"ppo": {"clip_range": 0.1}}).config
    run = fork(paths, state, config, plan_of(state), name="careful", tags=["b", "a"])
    assert digest_of(parent.folder) == before
    assert current_run(paths) == parent
    metadata = read_metadata(run)
    assert (metadata.name, metadata.tags) == ("careful", ("a", "b"))
    assert metadata.parent == Parent(parent.id, state.manifest.id, 5000)
    assert read_run_config(run).ppo.clip_range == 0.1
    (manifest,) = list_checkpoints(run.checkpoints).whole
    assert (manifest.id, manifest.kind) == ("000001-5000-fork", "fork")
    assert (manifest.run_id, manifest.episodes, manifest.success_rate) == (run.id, 2, 0.5)
    folder = run.checkpoints / manifest.id
    verify(folder)
    for name in BINARY:
        assert (folder / name).read_bytes() == (state.folder / name).read_bytes()
    begun = msgspec.json.decode((folder / "training_state.json").read_bytes())
    assert begun == STATE | {"best": None, "anew": []}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_what_begins_anew_is_not_copied_but_marked(paths: StatePaths, parent: RunPaths) -> None:
    state = save_state(parent)
    anew: list[Part] = ["flights", "replay", "window"]
    run = fork(paths, state, CONFIG, plan_of(state, anew, ramp_step=3))
    (manifest,) = list_checkpoints(run.checkpoints).whole
    assert not manifest.files.keys() & {"fleet.npz", "replay_buffer.npz"}
    assert (manifest.ramp_step, manifest.episodes, manifest.success_rate) == (3, 0, None)
    folder = run.checkpoints / manifest.id
    begun = msgspec.json.decode((folder / "training_state.json").read_bytes())
    assert begun["anew"] == anew
    assert begun["record"] | {"successes": [], "rewards": [], "episodes": 0} == begun["record"]
    assert (begun["record"]["ramp_step"], begun["divergence"]) == (3, {})
    assert read_metadata(run).parent == Parent(parent.id, state.manifest.id, 5000, tuple(anew))

    # A fork of a fork that never trained begins the same anew.
    again = fork(paths, find_state(run, paths.backups, manifest.id), CONFIG, plan_of(state))
    (second,) = list_checkpoints(again.checkpoints).whole
    stored = (again.checkpoints / second.id / "training_state.json").read_bytes()
    assert msgspec.json.decode(stored)["anew"] == anew


def test_a_state_before_the_fork_is_named_as_its_parents(
    paths: StatePaths, parent: RunPaths
) -> None:
    state = save_state(parent)
    run = fork(paths, state, CONFIG, plan_of(state))
    with pytest.raises(UnknownIdError, match=f"--from {parent.id}/{state.manifest.id}"):
        find_state(run, paths.backups, state.manifest.id)
    with pytest.raises(UnknownIdError, match="landerctl backups"):
        find_state(run, paths.backups, "../..")


@pytest.mark.parametrize("state", [7, {"record": []}, {"anew": [[]], "record": {}}])
def test_a_state_that_is_none_leaves_nothing(
    paths: StatePaths, parent: RunPaths, state: Any
) -> None:
    found = save_state(parent, state)
    with pytest.raises(DamagedCheckpointError, match="training_state"):
        fork(paths, found, CONFIG, plan_of(found))
    assert list(all_runs(paths)) == [parent]
    assert [path.name for path in paths.runs.iterdir()] == [parent.id]


def test_a_state_that_changes_while_it_is_copied_is_refused(
    paths: StatePaths, parent: RunPaths
) -> None:
    state = save_state(parent)
    (state.folder / "model.zip").write_bytes(b"another")
    with pytest.raises(DamagedCheckpointError, match="model"):
        fork(paths, state, CONFIG, plan_of(state))
    assert [path.name for path in paths.runs.iterdir()] == [parent.id]
