"""Backing up and rolling back without a daemon: the daemon's own procedure, hosted by a command."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from pathlib import Path

from daemon.backup.catalog import scan
from daemon.backup.make import make_backup
from daemon.base.paths import StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.processes.lease import Lease
from daemon.store.reader import StoreReader
from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import (
    FAKE_LOAD_TEST,
    fill_store,
    landerctl,
    make_checkpoint,
    make_run,
    run_landerctl,
)


def test_backup_takes_the_newest_whole_checkpoint(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    whole = make_checkpoint(run, 50_000)
    damaged = make_checkpoint(run, 100_000)
    (run.checkpoints / damaged.id / "model.zip").write_bytes(b"half")
    ended = landerctl(tmp_path, "backup", "--note", "[bold]at night")
    assert ended.returncode == Exit.OK, ended
    listing = scan(StatePaths(tmp_path).backups)
    [backup] = listing.whole
    assert backup.checkpoint == whole
    assert listing.tag(backup).note == "[bold]at night"
    listed = landerctl(tmp_path, "backups").stdout
    assert backup.id in listed
    assert "[bold]at night" in listed


def test_rollback_refuses_a_damaged_state(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    damaged = make_checkpoint(run, 50_000)
    make_checkpoint(run, 100_000)
    (run.checkpoints / damaged.id / "model.zip").write_bytes(b"half")
    before = sorted(run.checkpoints.iterdir())
    ended = landerctl(tmp_path, "rollback", "--to", damaged.id, "--yes")
    assert ended.returncode == Exit.FAILED, ended
    assert "model.zip" in ended.stderr
    assert "nothing was changed" in ended.stderr
    assert sorted(run.checkpoints.iterdir()) == before


def rollback(
    home: Path, *arguments: str, unloadable: str = "", failpoint: str | None = None
) -> subprocess.CompletedProcess[str]:
    """`unloadable`: the timesteps of a state that fails its load test."""
    more = {"LANDERCTL_TEST_UNLOADABLE": unloadable}
    if failpoint is not None:
        more["LANDERCTL_FAILPOINT"] = failpoint
    return run_landerctl(home, "rollback", *arguments, "--yes", program=FAKE_LOAD_TEST, more=more)


def event_names(home: Path) -> list[str]:
    with StoreReader.open(StatePaths(home).store) as reader:
        return [event.name for event in reader.events(limit=100)]


def test_a_rollback_is_recorded_backed_up_and_can_be_undone(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    older, newer = (make_checkpoint(run, steps) for steps in (50_000, 100_000))
    done = rollback(tmp_path, "--to", older.id, "--note", "a trial")
    assert done.returncode == Exit.OK, done
    assert "`landerctl start` resumes training from there" in done.stdout
    assert list_checkpoints(run.checkpoints).whole[-1].restored_from == older.id
    assert event_names(tmp_path) == ["rollback.started", "backup.made", "rollback.done"]
    listing = scan(StatePaths(tmp_path).backups)
    [backup] = listing.whole
    assert (backup.id, listing.tag(backup).pinned) == (newer.id, True)
    incident = StatePaths(tmp_path).incidents.read_text()
    assert "a trial" in incident and older.id in incident and newer.id in incident
    undone = rollback(tmp_path, "--undo", "--json")
    assert json.loads(undone.stdout)["id"] == newer.id, undone


def test_an_undo_that_was_killed_can_be_repeated(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    older, newer = (make_checkpoint(run, steps) for steps in (50_000, 100_000))
    assert rollback(tmp_path, "--to", older.id).returncode == Exit.OK
    killed = rollback(tmp_path, "--undo", failpoint="undo.staged:kill")
    assert killed.returncode == -signal.SIGKILL
    undone = rollback(tmp_path, "--undo")
    assert undone.returncode == Exit.OK, undone
    assert list_checkpoints(run.checkpoints).whole[-1].restored_from == newer.id


def test_a_failed_rollback_leaves_an_incident(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    older, newer = (make_checkpoint(run, steps) for steps in (50_000, 100_000))
    failed = rollback(tmp_path, "--to", older.id, unloadable="50000")
    assert failed.returncode == Exit.FAILED, failed
    assert "nothing was changed" in failed.stderr
    assert list_checkpoints(run.checkpoints).whole[-1] == newer
    assert event_names(tmp_path) == ["rollback.started", "rollback.failed"]
    incident = StatePaths(tmp_path).incidents.read_text()
    assert f"Rollback to {older.id} failed" in incident


def test_incidents_that_cannot_be_written_do_not_make_a_rollback_fail(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    older, _ = (make_checkpoint(run, steps) for steps in (50_000, 100_000))
    StatePaths(tmp_path).incidents.mkdir()
    done = rollback(tmp_path, "--to", older.id)
    assert done.returncode == Exit.OK, done
    assert "incidents.md could not be written: Is a directory" in done.stdout
    assert list_checkpoints(run.checkpoints).whole[-1].restored_from == older.id
    assert "rollback.failed" not in event_names(tmp_path)


def test_a_damaged_journal_is_set_aside_once(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    bad, good, _ = (make_checkpoint(run, steps) for steps in (50_000, 75_000, 100_000))
    StatePaths(tmp_path).rollback.write_text('{"half')
    assert "rollback.json" in rollback(tmp_path, "--undo").stderr
    done = rollback(tmp_path, "--to", "before:1s", unloadable="100000")
    assert done.returncode == Exit.OK, done
    assert event_names(tmp_path).count("rollback.journal_damaged") == 1
    assert len(list(tmp_path.glob("rollback.json.damaged-*"))) == 1
    assert list_checkpoints(run.checkpoints).whole[-1].restored_from == good.id
    assert bad.id in {manifest.id for manifest in list_checkpoints(run.checkpoints).whole}


def test_a_store_that_cannot_be_written_is_named_in_the_answer(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    older, _ = (make_checkpoint(run, steps) for steps in (50_000, 100_000))
    StatePaths(tmp_path).store.mkdir()
    done = rollback(tmp_path, "--to", older.id)
    assert done.returncode == Exit.OK, done
    assert "no event was recorded" in done.stdout and "store.db" in done.stdout


def test_an_orphaned_trainer_is_waited_for(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    checkpoint = make_checkpoint(run, 50_000)
    lease = Lease.take(run.lease)
    try:
        for arguments in (["backup"], ["rollback", "--to", checkpoint.id, "--yes"]):
            ended = landerctl(tmp_path, *arguments)
            assert ended.returncode == Exit.BUSY, ended
            assert "still saving" in ended.stderr
    finally:
        lease.close()
    assert landerctl(tmp_path, "backup").returncode == Exit.OK


def test_nothing_to_back_up(tmp_path: Path) -> None:
    make_run(tmp_path)
    ended = landerctl(tmp_path, "backup")
    assert ended.returncode == Exit.NOT_FOUND
    assert "no whole checkpoint yet" in ended.stderr


def test_the_daemon_s_backups_are_found_without_naming_its_configuration(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    file = tmp_path / "mine.toml"
    file.write_text(f"[backup]\ndirectory = '{elsewhere}'\n")
    home = tmp_path / "home"
    run = make_run(home)
    made = make_checkpoint(run, 50_000)
    make_backup(StatePaths(home), run, made.id, elsewhere, created_s=1.0)
    shutil.rmtree(run.checkpoints / made.id)
    fill_store(home, run.id, config_path=str(file))
    assert "backup only" in landerctl(home, "backups").stdout
