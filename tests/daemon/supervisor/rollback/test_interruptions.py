"""Rollbacks interrupted by a kill or a stop: journal, state and events always agree."""

from __future__ import annotations

import signal
import threading

import pytest

from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import Manifest
from daemon.protocol.control import BackupRequest, Done, Refused, RollbackRequest
from daemon.rollback.journal import Journal, read_journal
from tests.daemon.harness import Home, config_text, save_checkpoint
from tests.waiting import PATIENCE_S, eventually


def journal(home: Home) -> Journal:
    found = read_journal(home.paths.rollback)
    assert found is not None
    return found


def phase(home: Home) -> str | None:
    trainer = home.status().trainer
    return trainer.phase if trainer else None


def newest(home: Home) -> Manifest:
    return list_checkpoints(home.run.checkpoints).whole[-1]


def killed_right_after_the_swap(home: Home, monkeypatch: pytest.MonkeyPatch) -> Manifest:
    """Kill a supervisor right after the restored state is swapped in; returns the target."""
    target = save_checkpoint(home.run, timesteps=5000)
    save_checkpoint(home.run, timesteps=900_000)
    monkeypatch.setenv("LANDERCTL_FAILPOINT", "rollback.swapped:kill")
    daemon = home.started()
    home.trainer_state("RUNNING")
    assert not any(isinstance(one, Done) for one in home.ask(RollbackRequest([target.id], "me")))
    assert daemon.wait(10) == -signal.SIGKILL
    monkeypatch.delenv("LANDERCTL_FAILPOINT")
    eventually(lambda: not home.trainer_lives(), "the orphaned trainer exits")
    assert newest(home).restored_from == target.id
    return target


@pytest.mark.parametrize(
    ("point", "outcome"),
    [
        ("journaled", "interrupted at 'staging', then reverted"),
        ("stopped", "interrupted at 'stopped', then reverted"),
        ("swapping", "interrupted at 'swapping', then reverted"),
        ("swapped", "interrupted at 'swapping'; it is in place"),
        ("noted", "interrupted at 'swapped'; it is in place"),
        ("running", "interrupted at 'running'; it is in place"),
    ],
)
def test_each_interrupted_rollback_has_one_incident(
    home: Home, monkeypatch: pytest.MonkeyPatch, point: str, outcome: str
) -> None:
    target = save_checkpoint(home.run, timesteps=5000)
    save_checkpoint(home.run, timesteps=900_000)
    monkeypatch.setenv("LANDERCTL_FAILPOINT", f"rollback.{point}:kill")
    daemon = home.started()
    home.trainer_state("RUNNING")
    home.ask(RollbackRequest([target.id], "me"))
    assert daemon.wait(PATIENCE_S) == -signal.SIGKILL
    monkeypatch.delenv("LANDERCTL_FAILPOINT")
    eventually(lambda: not home.trainer_lives(), "the orphaned trainer exits")
    for _ in range(2):
        daemon = home.started()
        home.trainer_state("RUNNING")
        home.stop(daemon)
    incidents = home.paths.incidents.read_text()
    assert incidents.count("\n## ") == 1, incidents
    assert f"to {target.id}\n" in incidents
    assert incidents.count(f"- Outcome: {outcome}") == 1, incidents


def test_a_stop_before_training_resumes_leaves_the_rollback_in_place(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.config.write_text(config_text(stop_timeout_s=0.5))
    target = killed_right_after_the_swap(home, monkeypatch)
    daemon = home.started("--silent-kind", "rollback")
    home.event("trainer.started", 2)
    home.stop(daemon)
    assert home.event("rollback.pending").body == {"id": target.id}
    assert journal(home).step == "swapped"
    assert newest(home).restored_from == target.id
    # The next start confirms it.
    home.started()
    assert home.event("rollback.done").body["id"] == target.id
    assert not home.events("rollback.failed")
    eventually(lambda: journal(home).step == "running", "the journal")


def test_a_checkpoint_saved_at_that_stop_continues_the_rolled_back_state(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = killed_right_after_the_swap(home, monkeypatch)
    daemon = home.started("--slow-kind", "rollback")
    eventually(lambda: phase(home) == "collecting", "the trainer has loaded it")
    home.stop(daemon)
    assert (newest(home).kind, newest(home).timesteps) == ("stop", 5000)
    home.started()
    assert home.event("rollback.done").body["id"] == target.id
    assert not home.events("rollback.failed")
    # No checkpoint that training descends from was removed.
    kinds = [manifest.kind for manifest in list_checkpoints(home.run.checkpoints).whole]
    assert "rollback" in kinds and "stop" in kinds


def test_a_stop_too_late_to_revert_says_that_the_rollback_is_done(home: Home) -> None:
    target = save_checkpoint(home.run, timesteps=5000)
    save_checkpoint(home.run, timesteps=900_000)
    daemon = home.started("--slow-kind", "rollback")
    home.trainer_state("RUNNING")
    answers: list[object] = []
    asking = threading.Thread(
        target=lambda: answers.extend(home.ask(RollbackRequest([target.id], "me")))
    )
    asking.start()
    home.event("trainer.resumed", 2)
    eventually(lambda: phase(home) == "collecting", "the trainer has loaded it")
    home.stop(daemon)
    asking.join(20)
    assert isinstance(answers[-1], Done), answers
    assert home.event("rollback.done").body["id"] == target.id
    assert not home.events("rollback.failed")
    assert journal(home).step == "running"
    assert newest(home).timesteps == 5000


def test_one_rollback_at_a_time_even_after_a_restart(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = killed_right_after_the_swap(home, monkeypatch)
    home.started("--slow-kind", "rollback")
    home.event("trainer.started", 2)
    for request in (RollbackRequest([target.id], "me"), BackupRequest()):
        refused = home.ask(request)[-1]
        assert isinstance(refused, Refused) and refused.code == "busy", refused
    assert not home.events("rollback.started")[1:]


def test_a_damaged_journal_is_renamed_at_a_start_and_between_rollbacks(home: Home) -> None:
    target = save_checkpoint(home.run, timesteps=5000)
    save_checkpoint(home.run, timesteps=900_000)
    home.paths.rollback.write_text("{")
    home.started()
    home.trainer_state("RUNNING")
    first = home.event("rollback.journal_damaged")
    assert "rollback.json" in first.text and not home.paths.rollback.exists()
    home.paths.rollback.write_text("[]")
    done = home.ask(RollbackRequest([target.id], "me"))[-1]
    assert isinstance(done, Done), done
    second = home.event("rollback.journal_damaged", 2)
    kept = {str(event.body["path"]) for event in (first, second)}
    assert {str(path) for path in home.paths.home.glob("rollback.json.damaged-*")} == kept
    assert journal(home).previous is None


def test_a_failed_write_after_the_rollback_is_in_the_answer(home: Home) -> None:
    home.paths.incidents.mkdir()
    target = save_checkpoint(home.run, timesteps=5000)
    save_checkpoint(home.run, timesteps=900_000)
    home.started()
    home.trainer_state("RUNNING")
    done = home.ask(RollbackRequest([target.id], "me"))[-1]
    assert isinstance(done, Done), done
    assert "incidents.md could not be written: Is a directory" in done.text
    home.event("rollback.done")
    assert not home.events("rollback.failed")
