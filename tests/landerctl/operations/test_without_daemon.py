"""Backing up and rolling back without a daemon."""

from __future__ import annotations

import shutil
from pathlib import Path

from daemon.backup.catalog import scan
from daemon.backup.make import make_backup
from daemon.base.paths import StatePaths
from daemon.processes.lease import Lease
from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import fill_store, landerctl, make_checkpoint, make_run


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
