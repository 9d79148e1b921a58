"""Removing backups: the journal, interrupted removals, and what is never removed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import msgspec
import pytest
from filelock import UnixFileLock

from daemon.backup.catalog import scan, write_tag
from daemon.backup.lock import LOCK, BackupsBusyError, backups_lock
from daemon.backup.make import make_backup
from daemon.backup.record import RECORD, Backup, Tag
from daemon.backup.retention.prune import prune
from daemon.backup.retention.prune_journal import JOURNAL, Pruned, read_pruned
from daemon.backup.verification.inspection import inspect, inspect_some
from daemon.backup.verification.verified import VERIFIED, Verified, read_verified, record_whole
from daemon.base.paths import RunPaths, StatePaths
from daemon.config import load_config
from tests.daemon.harness import save_checkpoint

DAY_S = 86_400.0
NOW_S = time.time()
SETTINGS = load_config(None).config.backup


def made(paths: StatePaths, run: RunPaths, age_days: float) -> Backup:
    checkpoint = save_checkpoint(run)
    created_s = NOW_S - age_days * DAY_S
    return make_backup(paths, run, checkpoint.id, paths.backups, created_s=created_s)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_removal_is_journaled_with_its_reason(paths: StatePaths, run: RunPaths) -> None:
    first, second, newest = (made(paths, run, days) for days in (90.0, 40.0, 0.0))
    write_tag(paths.backups, first, Tag(note="removed with it"))
    removed = prune(paths.backups, SETTINGS, NOW_S, clock_trusted=True)
    assert [decision.backup for decision in removed] == [first, second]
    lines = (paths.backups / JOURNAL).read_text().split("\n")
    written = [msgspec.json.decode(line, type=Pruned) for line in lines if line]
    assert [(line.run_id, line.id) for line in written] == [(run.id, first.id), (run.id, second.id)]
    assert written[0].reason == "90.0 days old, backup.keep_days is 30"
    assert names(paths.backups / run.id) == {newest.id}
    assert (paths.backups / JOURNAL).stat().st_mode & 0o777 == 0o600
    assert prune(paths.backups, SETTINGS, NOW_S, clock_trusted=True) == []
    assert set(read_pruned(paths.backups, run.id)) == {first.id, second.id}


def test_nothing_is_removed_if_the_journal_cannot_be_written(
    paths: StatePaths, run: RunPaths
) -> None:
    old, newest = made(paths, run, 90.0), made(paths, run, 0.0)
    (paths.backups / JOURNAL).mkdir()
    with pytest.raises(IsADirectoryError):
        prune(paths.backups, SETTINGS, NOW_S, clock_trusted=True)
    assert scan(paths.backups).whole == [old, newest]


def test_a_truncated_journal_line_does_not_affect_others(paths: StatePaths, run: RunPaths) -> None:
    old, _ = made(paths, run, 90.0), made(paths, run, 0.0)
    (paths.backups / JOURNAL).write_bytes(b'{"time_s":1.0,"run_id":"\xff')
    prune(paths.backups, SETTINGS, NOW_S, clock_trusted=True)
    assert set(read_pruned(paths.backups, run.id)) == {old.id}


def test_interrupted_removals_are_finished(paths: StatePaths, run: RunPaths) -> None:
    half, newest = made(paths, run, 90.0), made(paths, run, 0.0)
    folder = paths.backups / run.id
    write_tag(paths.backups, half, Tag(note="x"))
    (folder / half.id).rename(folder / f".pruned-{half.id}")
    (folder / f".pruned-{half.id}" / RECORD).unlink()
    host = os.uname().nodename
    (folder / f".tmp-999999999@{host}@000009-1-gate").mkdir()
    (folder / f".tmp-999999999@{host}@x.tag").touch()
    living = folder / f".tmp-{os.getppid()}@{host}@000009-1-gate"
    living.mkdir()
    assert prune(paths.backups, SETTINGS, NOW_S, clock_trusted=True) == []
    assert names(folder) == {newest.id, living.name}


def test_a_backup_with_an_unreadable_tag_is_kept(paths: StatePaths, run: RunPaths) -> None:
    old, newest = made(paths, run, 90.0), made(paths, run, 0.0)
    (paths.backups / run.id / f"{old.id}.tag").write_bytes(b"{")
    assert prune(paths.backups, SETTINGS, NOW_S, clock_trusted=True) == []
    assert scan(paths.backups).whole == [old, newest]


def test_one_process_at_a_time_changes_the_folder(paths: StatePaths, run: RunPaths) -> None:
    made(paths, run, 0.0)
    with (
        UnixFileLock(paths.backups / LOCK),
        pytest.raises(BackupsBusyError, match="another landerctl"),
        backups_lock(paths.backups, timeout_s=0.1),
    ):
        pass
    with backups_lock(paths.backups, timeout_s=0.1):
        pass


def test_the_last_verified_backup_is_kept(paths: StatePaths, run: RunPaths) -> None:
    verified, old, newest = (made(paths, run, days) for days in (90.0, 80.0, 0.0))
    folder = paths.backups / run.id
    assert inspect(folder / verified.id, NOW_S) == []
    (folder / newest.id / "model.zip").write_bytes(b"x")
    [fault] = inspect(folder / newest.id, NOW_S)
    assert "model.zip" in fault
    assert [d.backup for d in prune(paths.backups, SETTINGS, NOW_S, clock_trusted=True)] == [old]
    assert read_verified(folder) == Verified({verified.id: NOW_S}, {newest.id: fault})


def test_each_damaged_file_is_named(paths: StatePaths, run: RunPaths) -> None:
    backup = made(paths, run, 0.0)
    folder = paths.backups / run.id / backup.id
    (folder / "model.zip").write_bytes(b"x")
    (folder / "manifest.json").unlink()
    faults = inspect(folder, NOW_S)
    assert [name for name in backup.files if any(name in fault for fault in faults)] == [
        "model.zip",
        "manifest.json",
    ]
    (folder / RECORD).write_bytes(b"{}")
    [fault] = inspect(folder, NOW_S)
    assert RECORD in fault


def test_all_backups_are_inspected_in_turn(paths: StatePaths, run: RunPaths) -> None:
    backups = [made(paths, run, 0.0) for _ in range(3)]
    folder = paths.backups / run.id
    record_whole(folder, [backups[0].id], NOW_S - 9.0)
    for turn in range(4):
        assert inspect_some(paths.backups, NOW_S + turn) == {}
    assert read_verified(folder).whole == {
        backups[1].id: NOW_S + 3.0,
        backups[2].id: NOW_S + 1.0,
        backups[0].id: NOW_S + 2.0,
    }
    (folder / backups[1].id / "model.zip").write_bytes(b"x")
    turns = [inspect_some(paths.backups, NOW_S + turn) for turn in (4.0, 5.0, 6.0, 7.0)]
    # A damaged backup is inspected each time, in addition to the one that is due.
    damaged = [backups[1].id]
    assert [[id_ for _, id_ in found or ()] for found in turns] == [[], [], damaged, damaged]
    assert read_verified(folder).whole == {
        backups[2].id: NOW_S + 4.0,
        backups[0].id: NOW_S + 5.0,
    } | {backups[2].id: NOW_S + 7.0}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"whole":{"x":"y"}}', b"\xff"])
def test_losing_the_results_loses_no_backup(
    content: bytes, paths: StatePaths, run: RunPaths
) -> None:
    backup = made(paths, run, 0.0)
    folder = paths.backups / run.id
    (folder / VERIFIED).write_bytes(content)
    assert read_verified(folder) == Verified()
    inspect_some(paths.backups, NOW_S)
    assert read_verified(folder) == Verified({backup.id: NOW_S})


def test_a_removed_backup_s_result_is_dropped(paths: StatePaths, run: RunPaths) -> None:
    first, second = made(paths, run, 0.0), made(paths, run, 0.0)
    folder = paths.backups / run.id
    record_whole(folder, [first.id, "000099-1-gate"], NOW_S)
    record_whole(folder, [second.id], NOW_S)
    assert set(read_verified(folder).whole) == {first.id, second.id}
