from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from daemon.backup.record import TAG
from landerctl.tui.data.newest_states import SHOWN
from landerctl.tui.data.reader import MAX_EVENTS, SnapshotReader
from landerctl.tui.data.situation import Daemon
from tests.landerctl.tui.state_folder import RUN_ID, StateFolder


class Clock:
    def __init__(self) -> None:
        self.time_s = 0.0

    def __call__(self) -> float:
        return self.time_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def reader_of(folder: StateFolder, clock: Clock) -> SnapshotReader:
    return SnapshotReader(folder.paths, (), now=lambda: folder.now_s, monotonic=clock)


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "home", time.time())


def written_a_while_ago(folder: StateFolder) -> None:
    for path in folder.paths.home.glob("store.db*"):
        os.utime(path, (folder.now_s - 10.0, folder.now_s - 10.0))


def test_everything_is_read(folder: StateFolder, clock: Clock) -> None:
    folder.everything()
    folder.hold_lock()
    snapshot = reader_of(folder, clock).read()
    assert snapshot.situation.daemon is Daemon.UP
    assert snapshot.status.run is not None
    assert snapshot.status.run.id == RUN_ID
    assert [stage.name for stage in snapshot.stages][:2] == ["touchdown", "approach"]
    assert len(snapshot.series["episode/success_rate_100"]) == 160
    assert [event.body["stage"] for event in snapshot.gates_passed] == [1, 2]
    assert snapshot.restorables[0].id == "000026-13000000-interval"
    assert {item.place for item in snapshot.restorables} == {"checkpoint", "both"}


def test_a_folder_without_a_store_was_never_started(tmp_path: Path, clock: Clock) -> None:
    folder = StateFolder(tmp_path / "other", 1.0)
    folder.close()
    folder.paths.store.unlink()
    snapshot = reader_of(folder, clock).read()
    assert snapshot.situation.daemon is Daemon.NEVER_STARTED


def test_an_unreadable_lock_is_reported_and_the_last_data_kept(
    folder: StateFolder, clock: Clock
) -> None:
    folder.everything()
    reader = reader_of(folder, clock)
    before = reader.read()
    folder.paths.lock.unlink(missing_ok=True)
    folder.paths.lock.symlink_to(folder.paths.lock)
    after = reader.read()
    assert after.situation.daemon is Daemon.UNREADABLE
    assert str(folder.paths.lock) in after.situation.banner
    assert after.status == before.status


def test_new_events_are_appended(folder: StateFolder, clock: Clock) -> None:
    folder.everything()
    reader = reader_of(folder, clock)
    before = reader.read().events
    folder.writer.add_event("run.completed", "The run is over", time_s=folder.now_s)
    after = reader.read().events
    assert after[:-1] == before
    assert after[-1].text == "The run is over"


def test_another_store_in_the_same_place_is_read_from_its_start(
    folder: StateFolder, clock: Clock
) -> None:
    folder.everything()
    reader = reader_of(folder, clock)
    reader.read()
    folder.close()
    for path in folder.paths.home.glob("store.db*"):
        path.unlink()
    fresh = StateFolder(folder.paths.home, folder.now_s)
    fresh.writer.add_event("daemon.started", "Fresh", time_s=folder.now_s)
    assert [event.text for event in reader.read().events] == ["Fresh"]


def test_a_damaged_store_keeps_what_was_read_and_says_so(folder: StateFolder, clock: Clock) -> None:
    folder.everything()
    reader = reader_of(folder, clock)
    events = reader.read().events
    folder.close()
    for path in folder.paths.home.glob("store.db-*"):
        path.unlink()
    folder.paths.store.write_bytes(b"no database at all" * 100)
    snapshot = reader.read()
    assert snapshot.situation.daemon is Daemon.UNREADABLE
    assert "store.db" in snapshot.situation.banner
    assert snapshot.events == events


def test_a_new_checkpoint_is_seen_at_once(folder: StateFolder, clock: Clock) -> None:
    folder.everything()
    reader = reader_of(folder, clock)
    reader.read()
    folder.checkpoint(27, 13_400_000, "manual", 3)
    assert reader.read().restorables[0].id == "000027-13400000-manual"


def test_of_thousands_the_newest_are_read_and_those_of_other_kinds(
    folder: StateFolder, clock: Clock
) -> None:
    folder.run_record()
    first = folder.checkpoint(1, 100_000, "gate", 1)
    folder.backup(folder.manifest(2, 200_000, "interval", 1))  # it is pinned
    for sequence in range(3, SHOWN + 23):
        backup = folder.backup(folder.manifest(sequence, sequence * 100_000, "interval", 1))
        (folder.paths.backups / RUN_ID / f"{backup.id}{TAG}").unlink()
    snapshot = reader_of(folder, clock).read()
    listed = [item.manifest.sequence for item in snapshot.restorables]
    assert listed == [*range(SHOWN + 22, 22, -1), 2, 1]
    assert snapshot.older_states == 21  # the pinned one is listed all the same
    assert snapshot.restorables[-1].id == first.id


def test_a_damaged_checkpoint_is_counted_not_listed(folder: StateFolder, clock: Clock) -> None:
    folder.everything()
    (folder.run.checkpoints / "000099-1-interval").mkdir()
    snapshot = reader_of(folder, clock).read()
    assert len(snapshot.damaged) == 1
    assert "000099-1-interval" not in {item.id for item in snapshot.restorables}


def test_series_are_read_again_when_they_are_due(folder: StateFolder, clock: Clock) -> None:
    folder.everything()
    reader = reader_of(folder, clock)
    reader.read()
    folder.writer.add_samples(folder.now_s + 1.0, {"time/fps": 1.0}, timesteps=13_500_000)
    assert len(reader.read().series["time/fps"]) == 160
    clock.time_s += 60.0
    assert reader.read().series["time/fps"][-1].value == 1.0


def test_what_takes_a_while_is_read_at_the_second_time(folder: StateFolder, clock: Clock) -> None:
    folder.everything()
    written_a_while_ago(folder)  # nothing changes between the two
    reader = reader_of(folder, clock)
    first = reader.read(whole=False)
    assert first.status.run is not None and first.stages and first.events
    assert not (first.series or first.gates_passed or first.restorables)
    second = reader.read()
    assert len(second.series["time/fps"]) == 160
    assert len(second.gates_passed) == 2 and second.restorables


def test_routine_events_do_not_push_the_others_out(folder: StateFolder, clock: Clock) -> None:
    folder.everything()
    reader = reader_of(folder, clock)
    before = reader.read().events
    with folder.writer.transaction():
        for number in range(MAX_EVENTS):
            folder.writer.add_event("backup.made", f"{number}", time_s=folder.now_s)
    assert reader.read().events == before
    assert reader_of(folder, clock).read().events == before


def test_a_store_that_was_not_written_is_not_read_again(folder: StateFolder, clock: Clock) -> None:
    folder.everything()
    written_a_while_ago(folder)
    reader = reader_of(folder, clock)
    before = reader.read()
    clock.time_s += 3600.0
    after = reader.read()
    assert after.status is before.status
    assert after.series is before.series
    assert after.restorables == before.restorables


def test_a_store_that_was_written_is_read_again(folder: StateFolder, clock: Clock) -> None:
    folder.everything()
    written_a_while_ago(folder)
    reader = reader_of(folder, clock)
    reader.read()
    folder.progress(timesteps=13_600_000)
    progress = reader.read().status.progress
    assert progress is not None
    assert progress.timesteps == 13_600_000


def test_series_that_became_due_are_read_without_another_write(
    folder: StateFolder, clock: Clock
) -> None:
    folder.everything()
    reader = reader_of(folder, clock)
    reader.read()
    folder.writer.add_samples(folder.now_s + 1.0, {"time/fps": 1.0}, timesteps=13_500_000)
    written_a_while_ago(folder)
    reader.read()
    clock.time_s += 60.0
    assert reader.read().series["time/fps"][-1].value == 1.0
