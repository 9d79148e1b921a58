"""Rollback with the real trainer, with and without a daemon."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from stable_baselines3.common.save_util import load_from_zip_file

from daemon.backup.catalog import scan
from daemon.base.paths import RunPaths
from daemon.checkpoint.manifest import Manifest
from landerctl.exitcodes import Exit
from tests.e2e.mission import ROLLOUT_STEPS, Mission
from tests.waiting import eventually


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


def test_training_continues_as_from_an_uninterrupted_load(trained: Mission, tmp_path: Path) -> None:
    twin = Mission.copy(trained.paths.home, tmp_path / "twin")
    target, *others = trained.checkpoints
    for manifest in others:
        shutil.rmtree(twin.current.checkpoints / manifest.id)
    trained.done("start")
    trained.done("rollback", "--to", target.id, "--yes")
    # It may have saved others since then.
    [restored] = [m.sequence for m in trained.checkpoints if m.restored_from == target.id]
    goal = target.timesteps + 2 * 2048
    eventually(
        lambda: any(m.sequence > restored and m.timesteps == goal for m in trained.checkpoints),
        f"{goal} steps anew",
        120.0,
    )
    after_rollback = at(trained, trained.current, goal)
    trained.close()

    try:
        twin.done("start")
        uninterrupted = at(twin, twin.current, goal)
    finally:
        twin.close()
    first, second = parameters(after_rollback), parameters(uninterrupted)
    assert first.keys() == second.keys()
    for name, tensor in first.items():
        assert torch.equal(tensor, second[name]), name


def test_without_a_daemon(trained: Mission) -> None:
    older, *_ = trained.checkpoints
    before = [manifest.id for manifest in trained.checkpoints]

    dry = trained.done("rollback", "--to", older.id, "--dry-run")
    assert "all numbers finite" in dry.stdout and "discarded" in dry.stdout
    assert [manifest.id for manifest in trained.checkpoints] == before
    store = sqlite3.connect(trained.paths.store)
    store.execute(
        "CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT raise(ABORT, 'disk is full'); END"
    )
    store.close()
    # A store that refuses a record does not undo the rollback.
    back = trained.done("rollback", "--to", older.id, "--yes")
    assert "`landerctl start`" in back.stdout
    newest = trained.checkpoints[-1]
    assert (newest.kind, newest.restored_from) == ("rollback", older.id)
    assert newest.timesteps == older.timesteps
    assert [manifest.id for manifest in trained.checkpoints][:-1] == before
    store = sqlite3.connect(trained.paths.store)
    store.execute("DROP TRIGGER full")
    store.close()
    trained.done("start")
    assert trained.events("trainer.resumed")[-1].body == {"checkpoint": newest.id}


def test_a_state_that_cannot_be_loaded_is_refused_without_changes(trained: Mission) -> None:
    """A checkpoint with matching digests and unusable content."""
    older, *_ = trained.checkpoints
    folder = trained.current.checkpoints / older.id
    forged = trained.forge(folder, "training_state.json", b'{"format": 2}')
    before = [manifest.id for manifest in trained.checkpoints]
    refused = trained.run("rollback", "--to", forged.id, "--yes")
    assert refused.returncode == Exit.FAILED, refused
    assert "training_state.json" in refused.stderr and "nothing was changed" in refused.stderr
    assert [manifest.id for manifest in trained.checkpoints] == before
    dry = trained.run("rollback", "--to", forged.id, "--dry-run")
    assert dry.returncode == Exit.FAILED and "UNUSABLE" in dry.stdout


def test_killed_during_the_swap(trained: Mission) -> None:
    """The machine loses power just after the restored state was renamed."""
    trained.variables["LANDERCTL_FAILPOINT"] = "rollback.swapped:kill"
    trained.done("start")
    trained.variables.clear()
    target, *_ = trained.checkpoints
    ended = trained.run("rollback", "--to", target.id, "--yes")
    assert ended.returncode in (Exit.NO_ANSWER, Exit.NOT_RUNNING), ended
    trained.daemon_gone()
    trained.trainer_gone()
    trained.done("start")
    assert "finished" in trained.event("rollback.recovered").text
    resumed = trained.events("trainer.resumed")[-1].body["checkpoint"]
    [manifest] = [one for one in trained.checkpoints if one.id == resumed]
    assert manifest.restored_from == target.id
    trained.event("rollback.done")
    assert signal.SIGKILL.name not in trained.done("status").stdout
