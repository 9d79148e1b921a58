"""Rollbacks with real checkpoint folders and a real child process."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time

import msgspec
import pytest

from daemon.backup.catalog import scan
from daemon.backup.make import make_backup
from daemon.backup.record import Tag
from daemon.backup.verification.verify import verify_backup
from daemon.base.user import user_name
from daemon.checkpoint.catalog import list_checkpoints
from daemon.protocol.control import (
    BackupRequest,
    Done,
    Note,
    PingRequest,
    Refused,
    RollbackRequest,
    answer_decoder,
)
from daemon.store.records import Status
from tests.daemon.harness import Home, config_text, save_checkpoint
from tests.waiting import eventually


def progressed(home: Home, timesteps: int) -> Status:
    def probe() -> Status | None:
        status = home.status()
        return status if status.progress and status.progress.timesteps > timesteps else None

    return eventually(probe, f"training passes {timesteps} steps")


def test_back_to_a_checkpoint(home: Home) -> None:
    target = save_checkpoint(home.run, timesteps=5000)
    save_checkpoint(home.run, timesteps=900_000)
    daemon = home.started()
    progressed(home, 900_000)
    answers = home.ask(RollbackRequest([target.id], "me"))
    done = answers[-1]
    assert isinstance(done, Done), done
    assert all(isinstance(answer, Note) for answer in answers[:-1])
    assert done.data["timesteps"] == 5000
    status = home.status()
    assert status.trainer is not None and status.trainer.state == "RUNNING"
    assert status.progress is not None and status.progress.timesteps < 900_000
    home.stop(daemon)
    kinds = [checkpoint.kind for checkpoint in list_checkpoints(home.run.checkpoints).whole]
    # The state before the rollback was saved; nothing is deleted.
    assert kinds == ["interval", "interval", "stop", "rollback", "stop"]
    restored = list_checkpoints(home.run.checkpoints).whole[3]
    assert restored.restored_from == target.id
    assert restored.files == target.files
    started, done_event = (home.event(f"rollback.{step}") for step in ("started", "done"))
    assert started.body == {
        "id": target.id,
        "by": f"me (as {user_name(os.geteuid())})",
        "automatic": False,
    }
    assert done_event.body["id"] == target.id
    [tag] = scan(home.paths.backups).tags.values()
    assert tag == Tag(note=f"before the rollback to {target.id}", pinned=True)


def test_back_to_a_backup(home: Home) -> None:
    target = save_checkpoint(home.run, timesteps=5000)
    now_s = time.time()
    backup = make_backup(home.paths, home.run, target.id, home.paths.backups, created_s=now_s)
    save_checkpoint(home.run, timesteps=9000)
    shutil.rmtree(home.run.checkpoints / target.id)
    home.started()
    progressed(home, 9000)
    done = home.ask(RollbackRequest([backup.id], "me"))[-1]
    assert isinstance(done, Done), done
    restored = list_checkpoints(home.run.checkpoints).whole[-1]
    assert (restored.kind, restored.restored_from) == ("rollback", backup.id)


def test_an_unknown_id_changes_nothing(home: Home) -> None:
    home.started()
    progressed(home, 0)
    refused = home.ask(RollbackRequest(["000009-1-gate"], "me"))[-1]
    assert isinstance(refused, Refused) and refused.code == "not-found"
    assert "000009-1-gate" in refused.text
    assert len(home.events("trainer.started")) == 1


@pytest.mark.parametrize("id_", ["../../etc", "", ".", ".tmp-x"])
def test_an_id_is_not_used_as_a_path(home: Home, id_: str) -> None:
    home.started()
    refused = home.ask(RollbackRequest([id_], "me"))[-1]
    assert isinstance(refused, Refused) and refused.code == "not-found"


def test_a_damaged_checkpoint_is_refused_before_the_trainer_is_touched(home: Home) -> None:
    target = save_checkpoint(home.run, timesteps=5000)
    save_checkpoint(home.run, timesteps=9000)
    model = home.run.checkpoints / target.id / "model.zip"
    model.write_bytes(b"x" * model.stat().st_size)
    home.started()
    progressed(home, 9000)
    refused = home.ask(RollbackRequest([target.id], "me"))[-1]
    assert isinstance(refused, Refused) and refused.code == "damaged"
    assert "model.zip" in refused.text
    assert home.event("checkpoint.damaged").body == {"id": target.id}
    assert len(home.events("trainer.started")) == 1


def test_another_algorithms_checkpoint_is_refused(home: Home) -> None:
    target = save_checkpoint(home.run, timesteps=5000, algorithm="sac")
    home.started()
    refused = home.ask(RollbackRequest([target.id], "me"))[-1]
    assert isinstance(refused, Refused) and refused.code == "unusable"
    assert "sac" in refused.text and "ppo" in refused.text


def test_a_state_that_does_not_train_is_reverted(home: Home) -> None:
    target = save_checkpoint(home.run, timesteps=5000)
    save_checkpoint(home.run, timesteps=900_000)
    home.started("--refuse-kind", "rollback")
    progressed(home, 900_000)
    refused = home.ask(RollbackRequest([target.id], "me"))[-1]
    assert isinstance(refused, Refused) and refused.code == "failed"
    assert "everything was reverted, and training resumes" in refused.text
    progressed(home, 900_000)
    home.trainer_state("RUNNING")
    kinds = [checkpoint.kind for checkpoint in list_checkpoints(home.run.checkpoints).whole]
    assert kinds == ["interval", "interval", "stop"]
    assert home.event("rollback.failed").body["id"] == target.id
    stop_id = list_checkpoints(home.run.checkpoints).whole[-1].id
    assert home.events("trainer.resumed")[-1].body["checkpoint"] == stop_id


def test_a_rollback_leaves_the_fatal_state(home: Home) -> None:
    target = save_checkpoint(home.run, kind="gate", timesteps=5000)
    save_checkpoint(home.run, kind="manual", timesteps=9000)
    home.started("--refuse-kind", "manual")
    home.trainer_state("FATAL")
    done = home.ask(RollbackRequest([target.id], "me"))[-1]
    assert isinstance(done, Done), done
    home.trainer_state("RUNNING")


def test_a_stop_interrupts_a_rollback(home: Home) -> None:
    """The restored trainer hangs before its first heartbeat; the stop does not wait for it."""
    home.config.write_text(config_text(stop_timeout_s=0.5))
    target = save_checkpoint(home.run, timesteps=5000)
    daemon = home.started("--silent-kind", "rollback")
    progressed(home, 5000)
    answers: list[object] = []
    asking = threading.Thread(
        target=lambda: answers.extend(home.ask(RollbackRequest([target.id], "me")))
    )
    asking.start()
    home.event("trainer.started", 2)
    refused = home.ask(BackupRequest())[-1]
    assert isinstance(refused, Refused) and refused.code == "busy"
    assert isinstance(home.ask(PingRequest())[-1], Done)
    home.stop(daemon)
    asking.join(10)
    assert isinstance(answers[-1], Refused)
    kinds = [checkpoint.kind for checkpoint in list_checkpoints(home.run.checkpoints).whole]
    assert kinds == ["interval", "stop"]


def test_a_backup_on_request_saves_first(home: Home) -> None:
    home.started()
    progressed(home, 0)
    done = home.ask(BackupRequest(note="before the demo", pinned=True))[-1]
    assert isinstance(done, Done), done
    listing = scan(home.paths.backups)
    [backup] = [b for b in listing.whole if b.id == done.data["id"]]
    assert listing.tag(backup) == Tag(note="before the demo", pinned=True)
    assert backup.checkpoint is not None and backup.checkpoint.kind == "manual"
    verify_backup(home.paths.backups / home.run.id / backup.id)


def test_a_stop_lets_a_running_copy_finish(home: Home) -> None:
    big = save_checkpoint(home.run, model_bytes=100_000_000)
    daemon = home.started("--exit-after", "0", "--exit-code", "78")
    home.trainer_state("FATAL")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(home.paths.socket))
        client.sendall(msgspec.json.encode(BackupRequest()) + b"\n")
        with client.makefile("rb") as stream:
            assert answer_decoder.decode(stream.readline()) == Note(f"copying {big.id}")
            home.stop(daemon)
            done = answer_decoder.decode(stream.readline())
    assert isinstance(done, Done), done
    [backup] = scan(home.paths.backups).whole
    assert done.data["id"] == backup.id == home.event("backup.made").body["id"]


def test_a_backup_without_a_running_trainer_takes_the_newest_whole(home: Home) -> None:
    whole = save_checkpoint(home.run, timesteps=5000)
    broken = save_checkpoint(home.run, timesteps=9000)
    (home.run.checkpoints / broken.id / "model.zip").unlink()
    home.started("--exit-after", "0", "--exit-code", "78")
    home.trainer_state("FATAL")
    done = home.ask(BackupRequest())[-1]
    assert isinstance(done, Done), done
    assert done.data["id"] == whole.id


def test_a_backup_without_a_checkpoint_is_refused(home: Home) -> None:
    home.started("--exit-after", "0", "--exit-code", "78")
    home.trainer_state("FATAL")
    refused = home.ask(BackupRequest())[-1]
    assert isinstance(refused, Refused) and refused.code == "not-found"


def test_a_backup_that_cannot_be_written_is_answered_and_recorded(home: Home) -> None:
    home.paths.backups.write_text("in the way")
    home.started()
    progressed(home, 0)
    refused = home.ask(BackupRequest())[-1]
    assert isinstance(refused, Refused) and refused.code == "failed"
    assert str(home.paths.backups) in refused.text
    assert home.event("backup.failed").severity == "critical"
