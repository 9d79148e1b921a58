"""After a rollback: verification, watch, undo and incidents.md; and automatic rollbacks."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import msgspec
import pytest

from daemon.backup.archive import export_backup, import_backup
from daemon.backup.make import make_backup
from daemon.checkpoint.catalog import list_checkpoints
from daemon.protocol.control import Done, Refused, RollbackRequest, UndoRollbackRequest
from daemon.rollback.journal import Journal, read_journal, write_journal
from daemon.store.records import Event
from tests.daemon.fake_trainer import Script
from tests.daemon.harness import Home, config_text, save_checkpoint
from tests.waiting import eventually

WATCHED = "\n[rollback]\nwatch_s = 1.0\n"
ROLLBACK_RULE = """
[rollback]
cooldown_s = {cooldown_s}
[[alerts]]
name = "reward-diverged"
metric = "rollout/ep_rew_mean"
comparison = "below"
threshold = -450.0
for_s = 0.0
severity = "critical"
summary = "The reward is far below zero"
"""


def journal(home: Home) -> Journal:
    found = read_journal(home.paths.rollback)
    assert found is not None
    return found


def newest_restored(home: Home) -> str | None:
    return list_checkpoints(home.run.checkpoints).whole[-1].restored_from


@pytest.mark.parametrize(
    ("success", "verdict"), [("0.62", "rollback.proven"), ("0.2", "rollback.doubtful")]
)
def test_a_rollback_is_evaluated_and_monitored(
    home: Home, monkeypatch: pytest.MonkeyPatch, success: str, verdict: str
) -> None:
    monkeypatch.setenv("LANDERCTL_TEST_SUCCESS", success)
    home.config.write_text(config_text() + WATCHED)
    target = save_checkpoint(home.run, timesteps=5000, success_rate=0.6)
    save_checkpoint(home.run, timesteps=900_000)
    home.started()
    home.trainer_state("RUNNING")
    (home.run.tensorboard / "events.out.tfevents.1").write_bytes(b"")
    os.utime(home.run.tensorboard / "events.out.tfevents.1", (2**33, 2**33))
    assert isinstance(home.ask(RollbackRequest([target.id], "me", "it fell"))[-1], Done)
    found = home.event(verdict)
    assert found.body == {"id": target.id, "success_rate": float(success), "recorded": 0.6}
    watched = home.event("rollback.watched")
    assert watched.body == {"id": target.id, "well": True}
    eventually(lambda: journal(home).step == "over", "the journal is closed")
    incidents = home.paths.incidents.read_text()
    for text in (f"Rollback to {target.id}", "me", "it fell", f"lands {float(success):.0%}"):
        assert text in incidents, incidents
    assert incidents.index("Took:") < incidents.index("after the rollback")
    assert incidents.count("# Incidents") == 1


def test_an_undo_restores_the_state_before_and_can_be_undone(home: Home) -> None:
    target = save_checkpoint(home.run, timesteps=5000)
    save_checkpoint(home.run, timesteps=900_000)
    home.started()
    home.trainer_state("RUNNING")
    assert isinstance(home.ask(UndoRollbackRequest("me"))[-1], Refused)
    first = home.ask(RollbackRequest([target.id], "me"))[-1]
    assert isinstance(first, Done)
    undone = home.ask(UndoRollbackRequest("me"))[-1]
    assert isinstance(undone, Done), undone
    assert undone.data["id"] == first.data["before"]
    status = eventually(lambda: home.status().progress, "progress")
    assert status is not None and status.timesteps > 900_000
    again = home.ask(UndoRollbackRequest("me"))[-1]
    assert isinstance(again, Done), again
    assert int(str(again.data["timesteps"])) < 900_000
    incidents = home.paths.incidents.read_text()
    assert f"Undo of the rollback to {target.id}: back to {first.data['before']}" in incidents
    assert incidents.count("no longer monitored: another rollback followed") >= 1


def test_a_failed_rollback_leaves_the_previous_one_to_be_undone(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDERCTL_TEST_UNLOADABLE", "6000")
    home.config.write_text(config_text() + WATCHED)
    good, bad = (save_checkpoint(home.run, timesteps=steps) for steps in (5000, 6000))
    home.started()
    home.trainer_state("RUNNING")
    done = home.ask(RollbackRequest([good.id], "me"))[-1]
    assert isinstance(done, Done)
    assert isinstance(home.ask(RollbackRequest([bad.id], "me"))[-1], Refused)
    # It is still monitored, too.
    assert home.event("rollback.watched").body["id"] == good.id
    undone = home.ask(UndoRollbackRequest("me"))[-1]
    assert isinstance(undone, Done) and undone.data["id"] == done.data["before"]


def test_a_state_that_does_not_load_is_skipped_while_training_runs(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDERCTL_TEST_UNLOADABLE", "6000")
    good = save_checkpoint(home.run, timesteps=5000)
    bad = save_checkpoint(home.run, timesteps=6000)
    home.started()
    home.trainer_state("RUNNING")
    refused = home.ask(RollbackRequest([bad.id], "me"))[-1]
    assert isinstance(refused, Refused) and refused.code == "unusable"
    assert len(home.events("trainer.started")) == 1
    assert journal(home).step == "reverted"
    done = home.ask(RollbackRequest([bad.id, good.id], "me"))[-1]
    assert isinstance(done, Done) and done.data["id"] == good.id
    assert not list(home.run.checkpoints.glob(".rollback*"))


def started_with(home: Home, tmp_path: Path, script: Script) -> Path:
    path = tmp_path / "script.json"
    path.write_bytes(msgspec.json.encode(script))
    home.started("--script", str(path))
    home.trainer_state("RUNNING")
    return path


def rolled_back(home: Home, count: int) -> list[Event]:
    home.event("rollback.done", count)
    return home.events("rollback.started")


def test_an_alert_rolls_back_automatically_and_cannot_loop(home: Home, tmp_path: Path) -> None:
    quick = config_text().replace("alerts = []", "")
    triggers = "[rollback.triggers]\nreward-diverged = 'rollback'\n"
    home.config.write_text(quick + ROLLBACK_RULE.format(cooldown_s=3600.0) + triggers)
    good = save_checkpoint(home.run, timesteps=5000, success_rate=0.6, episodes=100)
    save_checkpoint(home.run, timesteps=7000, success_rate=0.1, episodes=100)
    save_checkpoint(home.run, timesteps=9000)
    script = started_with(home, tmp_path, Script(metrics={"rollout/ep_rew_mean": -460.0}))
    [started] = rolled_back(home, 1)
    assert started.body == {"id": good.id, "by": "reward-diverged", "automatic": True}
    assert home.event("alert.acted").body == {"alert": "reward-diverged", "action": "rollback"}
    assert "The reward is far below zero" in home.paths.incidents.read_text()
    # Resolved, then firing again: the cooldown refuses a second rollback.
    script.write_bytes(msgspec.json.encode(Script(metrics={"rollout/ep_rew_mean": 0.0})))
    home.event("alert.resolved")
    script.write_bytes(msgspec.json.encode(Script(metrics={"rollout/ep_rew_mean": -460.0})))
    refused = home.event("rollback.refused")
    assert "rollback.cooldown_s" in str(refused.body["reason"])
    assert len(home.events("rollback.started")) == 1


def test_an_imported_state_is_not_rolled_back_to_automatically(home: Home, tmp_path: Path) -> None:
    quick = config_text().replace("alerts = []", "")
    triggers = "[rollback.triggers]\nreward-diverged = 'rollback'\n"
    home.config.write_text(quick + ROLLBACK_RULE.format(cooldown_s=3600.0) + triggers)
    good = save_checkpoint(home.run, timesteps=5000, success_rate=0.6, episodes=100)
    foreign = save_checkpoint(home.run, timesteps=8000, success_rate=1.0, episodes=100)
    make_backup(home.paths, home.run, foreign.id, home.paths.backups, created_s=5.0)
    folder = home.paths.backups / home.run.id / foreign.id
    export_backup(folder, tmp_path / "foreign.tar")
    shutil.rmtree(folder)
    shutil.rmtree(home.run.checkpoints / foreign.id)
    import_backup(tmp_path / "foreign.tar", home.paths.backups)
    save_checkpoint(home.run, timesteps=9000)
    started_with(home, tmp_path, Script(metrics={"rollout/ep_rew_mean": -460.0}))
    [started] = rolled_back(home, 1)
    assert started.body == {"id": good.id, "by": "reward-diverged", "automatic": True}


def test_a_trigger_that_is_off_disables_the_rule(home: Home, tmp_path: Path) -> None:
    quick = config_text().replace("alerts = []", "")
    triggers = "[rollback.triggers]\nreward-diverged = 'off'\n"
    home.config.write_text(quick + ROLLBACK_RULE.format(cooldown_s=1.0) + triggers)
    started_with(home, tmp_path, Script(metrics={"rollout/ep_rew_mean": -460.0}))
    eventually(
        lambda: (home.status().progress or msgspec.UNSET) and home.status().alerts == [],
        "training without an alert",
    )
    assert not home.events("alert.firing")


def test_a_fatal_trainer_is_rolled_back_to_a_good_state_before_the_crash(
    home: Home,
) -> None:
    quick = config_text(max_crashes=2).replace("alerts = []", "")
    rule = ROLLBACK_RULE.format(cooldown_s=1.0).replace("reward-diverged", "training-given-up")
    rule = rule.replace("rollout/ep_rew_mean", "trainer/given_up").replace("below", "above")
    rule = rule.replace("-450.0", "0.5")
    triggers = "[rollback.triggers]\ntraining-given-up = 'rollback'\n"
    home.config.write_text(quick + rule + triggers)
    good = save_checkpoint(home.run, timesteps=5000, success_rate=0.6, episodes=100)
    save_checkpoint(home.run, kind="gate", timesteps=9000, success_rate=0.6, episodes=100)
    home.started("--refuse-kind", "gate")
    [started] = rolled_back(home, 1)
    assert started.body["id"] == good.id
    home.trainer_state("RUNNING")


def test_a_watch_ends_although_the_clock_was_set_back_meanwhile(home: Home) -> None:
    target = save_checkpoint(home.run, timesteps=5000)
    save_checkpoint(home.run, timesteps=900_000)
    daemon = home.started()
    home.trainer_state("RUNNING")
    assert isinstance(home.ask(RollbackRequest([target.id], "me"))[-1], Done)
    eventually(lambda: journal(home).success_rate is not None, "it is evaluated")
    home.stop(daemon)
    found = journal(home)
    assert found.running_s is not None
    year_s = 365 * 86_400.0
    write_journal(
        home.paths.rollback, msgspec.structs.replace(found, running_s=found.running_s + year_s)
    )
    home.config.write_text(config_text() + WATCHED)
    home.started()
    assert home.event("rollback.watched").body["id"] == target.id


@pytest.mark.parametrize("verb", ["rollback", "undo"])
@pytest.mark.parametrize(
    ("step", "finished"),
    [
        ("journaled", False),
        ("staged", False),
        ("exited", False),
        ("stopped", False),
        ("swapping", False),
        ("swapped", True),
        ("noted", True),
        ("running", True),
    ],
)
def test_killed_at_any_step_the_next_start_finishes_or_reverts(
    home: Home, monkeypatch: pytest.MonkeyPatch, verb: str, step: str, finished: bool
) -> None:
    target = save_checkpoint(home.run, timesteps=5000)
    save_checkpoint(home.run, timesteps=900_000)
    monkeypatch.setenv("LANDERCTL_FAILPOINT", f"{verb}.{step}:kill")
    daemon = home.started()
    home.trainer_state("RUNNING")
    request: RollbackRequest | UndoRollbackRequest = RollbackRequest([target.id], "me")
    if verb == "undo":
        assert isinstance(home.ask(request)[-1], Done)
        request = UndoRollbackRequest("me")
    with pytest.raises(AssertionError):
        answers = home.ask(request)
        assert isinstance(answers[-1], Done), answers
    assert daemon.wait(10) == -signal.SIGKILL
    monkeypatch.delenv("LANDERCTL_FAILPOINT")
    home.started()
    home.trainer_state("RUNNING")
    if step != "running":
        recovered = home.event("rollback.recovered")
        assert recovered.body["verdict"] == ("finish" if finished else "revert")
    expected = {"rollback": target.timesteps, "undo": 900_000}
    resumed = home.events("trainer.resumed")[-1].body["checkpoint"]
    listing = list_checkpoints(home.run.checkpoints)
    [manifest] = [one for one in listing.whole if one.id == resumed]
    back = manifest.timesteps >= expected["undo"]
    assert back == (finished == (verb == "undo")), manifest
    assert not listing.damaged
    assert not list(home.run.checkpoints.glob(".rollback*"))
    # A rollback whose undo was reverted can still be undone.
    in_place = finished or verb == "undo"
    eventually(lambda: journal(home).step == ("running" if in_place else "reverted"), "the journal")


@pytest.mark.parametrize("action", ["enospc", "eio"])
@pytest.mark.parametrize(
    "step", ["journaled", "staged", "exited", "stopped", "swapping", "swapped", "noted"]
)
def test_a_disk_fault_at_any_step_changes_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch, step: str, action: str
) -> None:
    target = save_checkpoint(home.run, timesteps=5000)
    save_checkpoint(home.run, timesteps=900_000)
    monkeypatch.setenv("LANDERCTL_FAILPOINT", f"rollback.{step}:{action}")
    home.started()
    home.trainer_state("RUNNING")
    refused = home.ask(RollbackRequest([target.id], "me"))[-1]
    assert isinstance(refused, Refused) and refused.code == "failed", refused
    untouched = step in ("journaled", "staged")
    then = "nothing was changed" if untouched else "everything was reverted, and training resumes"
    assert refused.text.endswith(then), refused
    home.trainer_state("RUNNING")
    assert newest_restored(home) is None
    assert journal(home).step == "reverted"
    assert not list(home.run.checkpoints.glob(".rollback*"))
    progress = home.status().progress
    assert progress is not None and progress.timesteps > 900_000
    # Armed once: the second attempt succeeds.
    assert isinstance(home.ask(RollbackRequest([target.id], "me"))[-1], Done)
