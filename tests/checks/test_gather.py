"""Evidence from real folders: whole, missing, damaged, locked."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest
from filelock import UnixFileLock

from checks.evidence import BackupEvidence, Evidence, WatchedRollback
from checks.gather import gather, with_config
from checks.liveness import describe, liveness
from daemon.backup.make import make_backup
from daemon.backup.record import read_backup
from daemon.backup.retention.prune_journal import append_pruned
from daemon.backup.retention.rules import Decision
from daemon.backup.verification.inspection import inspect
from daemon.base.identity import DaemonIdentity
from daemon.base.paths import StatePaths
from daemon.checkpoint.retention import discard
from daemon.config import load_config
from daemon.rollback.journal import Step, write_journal
from daemon.runs.creation import create_run
from daemon.store.records import RunRecord, Status
from daemon.store.writer import StoreWriter
from tests.checks.evidence_samples import healthy
from tests.daemon.harness import save_checkpoint
from tests.daemon.rollback.test_rules import journal
from tests.landerctl.operator_side import make_run


def written(home: Path, **changes: object) -> StatePaths:
    paths = StatePaths(home)
    status = healthy().status
    assert status is not None and status.daemon is not None
    assert status.trainer is not None and status.run is not None
    with closing(StoreWriter.open(paths.store)) as writer:
        writer.put_daemon(msgspec.structs.replace(status.daemon, **changes))
        writer.put_trainer(status.trainer)
        writer.put_run(status.run)
    return paths


@contextmanager
def held(paths: StatePaths) -> Iterator[None]:
    with UnixFileLock(paths.lock):
        yield


def test_an_empty_folder(tmp_path: Path) -> None:
    evidence = gather(StatePaths(tmp_path / "nothing"), 1.0)
    assert liveness(evidence) == "never-started"
    assert evidence.store.state == "missing"
    assert evidence.disk is not None


def test_lock_and_store_distinguish_running_stopped_and_died(tmp_path: Path) -> None:
    paths = written(tmp_path)
    with held(paths):
        assert liveness(gather(paths, 1.0)) == "running"
    assert liveness(gather(paths, 1.0)) == "died"
    written(tmp_path, stopped_s=5.0, stop_reason="landerctl stop")
    assert liveness(gather(paths, 1.0)) == "stopped"
    with held(paths):
        assert liveness(gather(paths, 1.0)) == "starting"


def test_a_reboot_is_distinguished_from_a_crash(tmp_path: Path) -> None:
    paths = written(tmp_path)
    paths.identity.write_bytes(msgspec.json.encode(DaemonIdentity(4242, 1.0, "another boot")))
    assert "the machine went down" in describe(gather(paths, 1.0))


def test_a_damaged_store(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    paths.store.write_bytes(b"this is no database" * 1000)
    evidence = gather(paths, 1.0)
    assert evidence.store.state == "damaged"
    assert str(paths.store) in evidence.store.problem
    assert liveness(evidence) == "unreadable"
    with held(paths):
        assert liveness(gather(paths, 1.0)) == "running"


def test_a_locked_store(tmp_path: Path) -> None:
    paths = written(tmp_path)
    with closing(sqlite3.connect(paths.store)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        assert gather(paths, 1.0).store.state == "busy"
    assert gather(paths, 1.0).store.state == "readable"


def test_damaged_checkpoints_are_reported(tmp_path: Path) -> None:
    paths = written(tmp_path)
    (paths.run("run-1").checkpoints / "000001-5-interval").mkdir(parents=True)
    evidence = gather(paths, 1.0)
    assert evidence.checkpoint is None
    assert evidence.checkpoints_problem is not None
    assert "000001-5-interval" in evidence.checkpoints_problem


def test_the_configuration_is_the_daemon_s_else_the_run_s(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[supervision]\nheartbeat_timeout_s = 7.0\n")
    paths = written(tmp_path, config_path=str(file))
    evidence = with_config(gather(paths, 1.0), paths, (), {})
    assert evidence.config is not None
    assert evidence.config.supervision.heartbeat_timeout_s == 7.0

    file.write_text("[supervision]\nheartbeat_timeout_s = -1\n")
    evidence = with_config(gather(paths, 1.0), paths, (), {})
    assert evidence.config is None
    assert evidence.config_problem is not None
    assert "heartbeat_timeout_s" in evidence.config_problem

    run = paths.run("run-1")
    run.folder.mkdir(parents=True)
    run.config.write_bytes(msgspec.json.encode(load_config(None).config))
    evidence = with_config(gather(paths, 1.0), paths, (), {})
    assert evidence.config == load_config(None).config


def test_status_of_the_evidence_is_the_store_s(tmp_path: Path) -> None:
    evidence = gather(written(tmp_path), 1.0)
    assert isinstance(evidence.status, Status)
    assert evidence.run_id == "run-1"
    assert evidence.store.size_bytes == (tmp_path / "store.db").stat().st_size


def test_backups_are_judged_by_names_and_verification_results(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    run = create_run(paths, load_config(None).config)
    with closing(StoreWriter.open(paths.store)) as writer:
        writer.put_run(RunRecord(run.id, 1.0, "curriculum", "ppo", 1))
    checkpoints = [save_checkpoint(run) for _ in range(3)]
    for checkpoint in checkpoints[1:]:
        make_backup(paths, run, checkpoint.id, paths.backups, created_s=5.0)

    def look() -> Evidence:
        return with_config(gather(paths, 1.0), paths, (), {})

    assert look().backups == BackupEvidence(2, 5.0, checkpoints[0].id, 1.0)
    # A backup removed by retention is not missing.
    append_pruned(
        paths.backups,
        [Decision(read_backup(paths.backups / run.id / checkpoints[1].id), False, "old")],
        6.0,
    )
    discard(paths.backups / run.id / checkpoints[1].id)
    make_backup(paths, run, checkpoints[0].id, paths.backups, created_s=4.0)
    assert look().backups == BackupEvidence(2, 5.0, None, 0.0)
    older = paths.backups / run.id / checkpoints[0].id
    (older / "model.zip").write_bytes(b"x")
    [fault] = inspect(older, 7.0)
    found = look()
    assert found.backups == BackupEvidence(2, 5.0, None, 0.0, fault)
    (paths.backups / run.id / checkpoints[2].id / "backup.json").unlink()
    damaged = look().backups
    assert damaged is not None and "backup.json is missing" in damaged.problem


def test_a_backup_of_another_checkpoint_with_its_id_is_no_backup(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    run = make_run(tmp_path)
    with closing(StoreWriter.open(paths.store)) as writer:
        writer.put_run(RunRecord(run.id, 1.0, "curriculum", "ppo", 1))
    make_backup(paths, run, save_checkpoint(run).id, paths.backups, created_s=5.0)
    evidence = with_config(gather(paths, 1.0), paths, (), {})
    assert evidence.backups is not None and evidence.backups.missing_id is None
    (checkpoint,) = run.checkpoints.iterdir()
    discard(checkpoint)
    own = save_checkpoint(run)
    assert own.id == checkpoint.name
    evidence = with_config(gather(paths, 1.0), paths, (), {})
    assert evidence.backups is not None and evidence.backups.missing_id == own.id


@pytest.mark.parametrize(
    ("step", "reported"),
    [("staging", True), ("swapping", True), ("swapped", False), ("over", False)],
)
def test_a_rollback_that_was_interrupted_is_found(
    tmp_path: Path, step: Step, reported: bool
) -> None:
    paths = StatePaths(tmp_path)
    assert gather(paths, 1.0).rollback_problem == ""
    write_journal(paths.rollback, journal(step=step))
    assert bool(gather(paths, 1.0).rollback_problem) == reported
    run = make_run(tmp_path)
    watched = journal(run_id=run.id, step="running", running_s=5.0, success_rate=0.9)
    write_journal(paths.rollback, watched)
    shown = WatchedRollback("000001-1000-interval", 5.0, 0.9, undoable=False)
    assert gather(paths, 1.0).rollback == shown
    live = save_checkpoint(run)
    write_journal(paths.rollback, msgspec.structs.replace(watched, live=live))
    assert gather(paths, 1.0).rollback == msgspec.structs.replace(shown, undoable=True)
    make_run(tmp_path)  # as `start --fresh`
    assert gather(paths, 1.0).rollback is None
    paths.rollback.write_bytes(b"{}")
    assert "rollback.json" in gather(paths, 1.0).rollback_problem


def test_leftovers_of_killed_processes_are_found(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    run = create_run(paths, load_config(None).config)
    with closing(StoreWriter.open(paths.store)) as writer:
        writer.put_run(RunRecord(run.id, 1.0, "curriculum", "ppo", 1))
    folders = (paths.backups, paths.backups / run.id, run.checkpoints)
    names = (f".tmp-999999999@{os.uname().nodename}@x", ".pruned-x")
    assert with_config(gather(paths, 1.0), paths, (), {}).leftovers == ()
    for folder in folders:
        for name in (*names, f".tmp-{os.getpid()}@{os.uname().nodename}@x", ".lock", "visible"):
            (folder / name).mkdir(parents=True)
    found = with_config(gather(paths, 1.0), paths, (), {}).leftovers
    assert found is not None
    assert {left.path for left in found} == {str(f / name) for f in folders for name in names}


def test_a_restored_run_that_has_not_been_started_is_found(tmp_path: Path) -> None:
    """Also where an earlier daemon of this folder was stopped; not after the next start."""
    paths = written(tmp_path, started_s=5.0, stopped_s=6.0)
    run = make_run(tmp_path)
    with closing(StoreWriter.open(paths.store)) as writer:
        writer.add_event("run.restored", f"Run {run.id} restored", time_s=7.0, run_id=run.id)
    save_checkpoint(run)
    evidence = gather(paths, 9.0)
    assert (evidence.run_id, liveness(evidence)) == (run.id, "stopped")
    assert evidence.checkpoint is not None
    assert describe(evidence).startswith(f"run {run.id} restored; not started since")
    assert gather(written(tmp_path, started_s=8.0, stopped_s=None), 9.0).restored == ""
