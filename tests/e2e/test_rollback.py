"""Rollback with the real trainer, with and without a daemon."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from stable_baselines3.common.save_util import load_from_zip_file

from daemon.backup.catalog import scan
from daemon.base.paths import RunPaths
from daemon.checkpoint.manifest import Manifest
from landerctl.exitcodes import Exit
from tests.e2e.mission import ROLLOUT_STEPS, Mission
from tests.waiting import eventually

pytestmark = pytest.mark.xdist_group("e2e")


def test_back_up_train_and_roll_back(mission: Mission) -> None:
    mission.done("start")
    mission.done("backup", "--note", "before")
    [made] = [b for b in scan(mission.paths.backups).whole if b.id.endswith("-manual")]
    backup, kept = made.id, made.checkpoint
    assert kept is not None
    mission.trained_past(kept.timesteps + 4096)
    before = {manifest.id for manifest in mission.checkpoints}

    rolled = mission.done("rollback", "--to", backup, "--yes", "--note", "a trial")
    assert backup in rolled.stdout
    done = mission.event("rollback.done")
    assert (done.body["id"], done.body["timesteps"]) == (backup, kept.timesteps)
    print(f"back to training steps after {done.body['took_s']:.1f} s")
    [copy] = [manifest for manifest in mission.checkpoints if manifest.restored_from == backup]
    resumed = mission.event("trainer.resumed")
    assert resumed.body == {"checkpoint": copy.id}
    mission.trained_past(mission.timesteps)
    flown = mission.flown
    drops = [after for before, after in pairwise(flown) if after < before]
    assert drops == [kept.timesteps + ROLLOUT_STEPS]
    # The discarded state is a checkpoint too, and no old one was deleted.
    assert before <= {manifest.id for manifest in mission.checkpoints}
    left = [m for m in mission.checkpoints if m.kind == "stop"]
    assert left and left[-1].timesteps > kept.timesteps

    # The verification is run, and incidents.md contains all of it.
    eventually(lambda: mission.events("rollback.proven", "rollback.doubtful"), "the proof", 120.0)
    assert mission.events("rollback.proven"), mission.events("rollback.doubtful")
    told = mission.paths.incidents.read_text()
    assert "a trial" in told and backup in told and "TensorBoard's curves continue" in told

    undone = mission.done("rollback", "--undo", "--yes", "--json")
    assert json.loads(undone.stdout)["id"] == left[-1].id


def parameters(folder: Path) -> dict[str, torch.Tensor]:
    _, found, _ = load_from_zip_file(folder / "model.zip", device="cpu")
    policy: Any = found["policy"]
    assert isinstance(policy, dict)
    return policy


def at(mission: Mission, run: RunPaths, timesteps: int) -> Path:
    """Wait for the newest training's checkpoint at these steps; returns its folder."""

    def probe() -> Manifest | None:
        return next((m for m in reversed(mission.checkpoints) if m.timesteps == timesteps), None)

    return run.checkpoints / eventually(probe, f"a checkpoint at {timesteps}", 120.0).id


def test_training_continues_as_from_an_uninterrupted_load(mission: Mission, tmp_path: Path) -> None:
    mission.done("start")
    target, *_ = mission.saved(4)
    mission.done("rollback", "--to", target.id, "--yes")
    restored = mission.checkpoints[-1].sequence
    goal = target.timesteps + 2 * 2048
    eventually(
        lambda: any(m.sequence > restored and m.timesteps == goal for m in mission.checkpoints),
        f"{goal} steps anew",
        120.0,
    )
    after_rollback = at(mission, mission.current, goal)
    mission.done("stop")

    twin = Mission(tmp_path / "twin")
    run = twin.paths.run(mission.current.id)
    shutil.copytree(mission.current.folder, run.folder)
    for manifest in mission.checkpoints:
        if manifest.id != target.id:
            shutil.rmtree(run.checkpoints / manifest.id)
    twin.paths.current.write_text(f"{run.id}\n")
    try:
        twin.done("start")
        uninterrupted = at(twin, run, goal)
    finally:
        twin.done("stop")
    first, second = parameters(after_rollback), parameters(uninterrupted)
    assert first.keys() == second.keys()
    for name, tensor in first.items():
        assert torch.equal(tensor, second[name]), name


def test_without_a_daemon(mission: Mission) -> None:
    mission.done("start")
    older, *_ = mission.saved(3)
    mission.done("stop")
    before = [manifest.id for manifest in mission.checkpoints]

    dry = mission.done("rollback", "--to", older.id, "--dry-run")
    assert "all numbers finite" in dry.stdout and "discarded" in dry.stdout
    assert [manifest.id for manifest in mission.checkpoints] == before
    store = sqlite3.connect(mission.paths.store)
    store.execute(
        "CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT raise(ABORT, 'disk is full'); END"
    )
    store.close()
    # A store that refuses a record does not undo the rollback.
    back = mission.done("rollback", "--to", older.id, "--yes")
    assert "`landerctl start`" in back.stdout
    newest = mission.checkpoints[-1]
    assert (newest.kind, newest.restored_from) == ("rollback", older.id)
    assert newest.timesteps == older.timesteps
    assert [manifest.id for manifest in mission.checkpoints][:-1] == before
    store = sqlite3.connect(mission.paths.store)
    store.execute("DROP TRIGGER full")
    store.close()
    mission.done("start")
    assert mission.events("trainer.resumed")[-1].body == {"checkpoint": newest.id}


def test_a_state_that_cannot_be_loaded_is_refused_without_changes(mission: Mission) -> None:
    """A checkpoint with matching digests and unusable content."""
    mission.done("start")
    older, *_ = mission.saved(2)
    mission.done("stop")
    folder = mission.current.checkpoints / older.id
    forged = mission.forge(folder, "training_state.json", b'{"format": 2}')
    before = [manifest.id for manifest in mission.checkpoints]
    refused = mission.run("rollback", "--to", forged.id, "--yes")
    assert refused.returncode == Exit.FAILED, refused
    assert "training_state.json" in refused.stderr and "nothing was changed" in refused.stderr
    assert [manifest.id for manifest in mission.checkpoints] == before
    dry = mission.run("rollback", "--to", forged.id, "--dry-run")
    assert dry.returncode == Exit.FAILED and "UNUSABLE" in dry.stdout


def test_killed_during_the_swap(mission: Mission) -> None:
    """The machine loses power just after the restored state was renamed."""
    mission.variables["LANDERCTL_FAILPOINT"] = "rollback.swapped:kill"
    mission.done("start")
    mission.variables.clear()
    target, *_ = mission.saved(3)
    ended = mission.run("rollback", "--to", target.id, "--yes")
    assert ended.returncode in (Exit.NO_ANSWER, Exit.NOT_RUNNING), ended
    mission.daemon_gone()
    mission.trainer_gone()
    mission.done("start")
    assert "finished" in mission.event("rollback.recovered").text
    resumed = mission.events("trainer.resumed")[-1].body["checkpoint"]
    [manifest] = [one for one in mission.checkpoints if one.id == resumed]
    assert manifest.restored_from == target.id
    mission.event("rollback.done")
    assert signal.SIGKILL.name not in mission.done("status").stdout
