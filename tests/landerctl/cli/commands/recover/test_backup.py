"""`landerctl backup verify, prune, export, import, pin` and the list of backups."""

from __future__ import annotations

import json
import os
import pty
import time
from pathlib import Path

from daemon.backup.catalog import scan
from daemon.backup.make import make_backup
from daemon.backup.record import Backup
from daemon.base.paths import RunPaths, StatePaths
from daemon.base.user import user_name
from daemon.checkpoint.manifest import Manifest
from landerctl.exitcodes import Exit
from tests.daemon.small_disk import small_disk
from tests.landerctl.operator_side import (
    SCRIPT,
    environment,
    landerctl,
    make_checkpoint,
    make_run,
)

DAY_S = 86_400.0


def made(home: Path, run: RunPaths, age_days: float = 0.0) -> Backup:
    return copied(home, run, make_checkpoint(run, 50_000), age_days)


def copied(home: Path, run: RunPaths, checkpoint: Manifest, age_days: float = 0.0) -> Backup:
    created_s = time.time() - age_days * DAY_S
    paths = StatePaths(home)
    return make_backup(paths, run, checkpoint.id, paths.backups, created_s=created_s)


def folder(home: Path, backup: Backup) -> Path:
    return StatePaths(home).backups / backup.run_id / backup.id


def in_terminal(home: Path, *arguments: str) -> str:
    """The output of a command on a terminal."""
    screen: list[bytes] = []

    def read(descriptor: int) -> bytes:
        screen.append(os.read(descriptor, 65536))
        return screen[-1]

    old = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment(home, TERM="xterm", COLUMNS="120"))
    try:
        pty.spawn([str(SCRIPT), *arguments], read, lambda _: b"")
    finally:
        os.environ.clear()
        os.environ.update(old)
    return b"".join(screen).decode()


def test_verify_names_each_damaged_file(tmp_path: Path) -> None:
    run, other = make_run(tmp_path), make_run(tmp_path)
    strange, first, second = made(tmp_path, run), made(tmp_path, other), made(tmp_path, other)
    fine = landerctl(tmp_path, "backup", "verify")
    assert (fine.returncode, fine.stdout) == (Exit.OK, "2 verified, no damage\n")
    for name in ("model.zip", "training_state.json"):
        (folder(tmp_path, first) / name).write_bytes(b"x")
    found = landerctl(tmp_path, "backup", "verify", "--all")
    assert found.returncode == Exit.DAMAGED
    lines = found.stdout.splitlines()
    assert [f"{other.id}/{first.id}" in line for line in lines] == [True, True, False]
    assert "model.zip" in lines[0] and "training_state.json" in lines[1]
    assert lines[2].startswith("1 of 3 damaged")
    one = landerctl(tmp_path, "backup", "verify", second.id, f"{run.id}/{strange.id}", "--json")
    assert one.returncode == Exit.OK
    assert json.loads(one.stdout) == [
        {"run_id": other.id, "id": second.id, "faults": []},
        {"run_id": run.id, "id": strange.id, "faults": []},
    ]
    sample = landerctl(tmp_path, "backup", "verify", "--sample", "1", "--json")
    assert [entry["id"] for entry in json.loads(sample.stdout)] == [first.id]
    check = landerctl(tmp_path, "backup", "verify", "no-such-id")
    assert check.returncode == Exit.NOT_FOUND
    both = landerctl(tmp_path, "backup", "verify", "--all", "--sample", "1")
    assert both.returncode == Exit.USAGE


def test_prune_reports_what_it_removes_and_why(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    old, pinned, newest = (made(tmp_path, run, days) for days in (50.0, 49.0, 0.0))
    assert landerctl(tmp_path, "backup", "pin", pinned.id).returncode == Exit.OK
    dry = landerctl(tmp_path, "backup", "prune", "--dry-run")
    gone, *stay, summary = dry.stdout.splitlines()
    assert (
        gone.startswith("would be removed") and old.id in gone and "backup.keep_days is 30" in gone
    )
    assert [line.split()[1] for line in stay] == [
        f"{run.id}/{pinned.id}",
        f"{run.id}/{newest.id}",
    ]
    assert "pinned" in stay[0] and "the run's newest" in stay[1]
    assert (
        summary.startswith("1 would be removed")
        and len(scan(StatePaths(tmp_path).backups).whole) == 3
    )
    done = landerctl(tmp_path, "backup", "prune", "--json")
    assert {entry["id"]: entry["keep"] for entry in json.loads(done.stdout)} == {
        old.id: False,
        pinned.id: True,
        newest.id: True,
    }
    assert scan(StatePaths(tmp_path).backups).whole == [pinned, newest]
    [event] = landerctl(tmp_path, "events", "--name", "backup.pruned", "--json").stdout.splitlines()
    assert json.loads(event)["body"]["count"] == 1
    assert landerctl(tmp_path, "backup", "unpin", pinned.id).returncode == Exit.OK
    assert landerctl(tmp_path, "backup", "prune").stdout.startswith("removed")


def test_a_backup_is_exported_and_imported(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    run, file = make_run(here), tmp_path / "backup.tar"
    backup = made(here, run)
    assert landerctl(here, "backup", "export", backup.id, str(file)).returncode == Exit.OK
    again = landerctl(here, "backup", "export", backup.id, str(file))
    assert again.returncode == Exit.CANNOT_WRITE and "--force" in again.stderr
    assert landerctl(here, "backup", "export", backup.id, str(file), "--force").returncode == 0
    make_run(there)
    for words in ("imported", "identical and whole"):
        taken = landerctl(there, "backup", "import", str(file))
        assert taken.returncode == Exit.OK and words in taken.stdout
    listed = landerctl(there, "backups")
    assert listed.stdout == "No checkpoints and no backups yet\n"
    assert listed.stderr == "1 backup of 1 other run: --all-runs\n"
    assert f"{run.id}/{backup.id}" in landerctl(there, "backups", "--all-runs").stdout
    file.write_bytes(file.read_bytes()[:-9000])
    cut = landerctl(there, "backup", "import", str(file))
    assert cut.returncode == Exit.DAMAGED and "nothing was imported" in cut.stderr
    missing = landerctl(there, "backup", "import", str(tmp_path / "none.tar"))
    assert missing.returncode == Exit.NOT_FOUND


def test_a_pin_keeps_the_note(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    backup = made(tmp_path, run)
    assert landerctl(tmp_path, "backup", "pin", backup.id, "--note", "why").returncode == Exit.OK
    assert landerctl(tmp_path, "backup", "unpin", backup.id).returncode == Exit.OK
    tag = scan(StatePaths(tmp_path).backups).tag(backup)
    assert (tag.note, tag.pinned) == ("why", False)
    (folder(tmp_path, backup).with_name(f"{backup.id}.tag")).write_bytes(b"{")
    assert landerctl(tmp_path, "backup", "pin", backup.id).returncode == Exit.OK
    assert scan(StatePaths(tmp_path).backups).tag(backup).pinned


def test_a_terminal_gets_the_newest_and_a_pipe_all(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    ids = [made(tmp_path, run).id for _ in range(32)]
    shown = in_terminal(tmp_path, "backups")
    assert [id_ in shown for id_ in ids] == [False, False] + [True] * 30
    assert "2 older ones: --all" in shown
    assert all(id_ in in_terminal(tmp_path, "backups", "--all") for id_ in ids[:1])
    assert len(json.loads(landerctl(tmp_path, "backups", "--json").stdout)) == 32
    assert all(id_ in landerctl(tmp_path, "backups").stdout for id_ in ids)


def test_backups_on_a_read_only_disk_are_verified(tmp_path: Path) -> None:
    with small_disk(10) as disk:
        backups = StatePaths(tmp_path).backups
        backups.symlink_to(disk.folder)
        run = make_run(tmp_path)
        whole, damaged = made(tmp_path, run), made(tmp_path, run)
        (folder(tmp_path, damaged) / "model.zip").write_bytes(b"x")
        disk.remount("ro")
        fine = landerctl(tmp_path, "backup", "verify", whole.id)
        bad = landerctl(tmp_path, "backup", "verify", "--json")
        disk.remount("rw")
    assert (fine.returncode, fine.stdout) == (Exit.OK, "1 verified, no damage\n")
    assert fine.stderr.startswith("landerctl: the result is not recorded: ")
    assert "Read-only file system" in fine.stderr and fine.stderr.count("\n") == 1
    assert bad.returncode == Exit.DAMAGED
    assert [bool(entry["faults"]) for entry in json.loads(bad.stdout)] == [False, True]


def test_a_backup_without_a_daemon_names_the_damaged_checkpoints_it_skipped(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    whole, newest = make_checkpoint(run, 50_000), make_checkpoint(run, 100_000)
    (run.checkpoints / newest.id / "model.zip").write_bytes(b"x")
    done = landerctl(tmp_path, "backup")
    assert done.returncode == Exit.OK
    assert done.stdout.startswith(f"{whole.id} is backed up, ")
    assert f"; skipped as damaged: {newest.id}: model.zip " in done.stdout


def test_a_backup_without_a_daemon_is_recorded_with_who_asked(tmp_path: Path) -> None:
    make_checkpoint(make_run(tmp_path), 50_000)
    assert landerctl(tmp_path, "backup", "--note", "by hand").returncode == Exit.OK
    [line] = landerctl(tmp_path, "events").stdout.splitlines()
    assert line.endswith(f"A backup was requested by {user_name(os.geteuid())}: by hand")
