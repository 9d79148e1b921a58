"""What of the status is recorded with its time, how long it is kept, how it is read back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec
import pytest

from daemon.store.history.record import INTERVAL_S, NUMBERS, StatusHistory
from daemon.store.integrity import prepare_store
from daemon.store.reader import StoreReader
from daemon.store.records import AlertRecord
from daemon.store.retention import KEEP_S, MOST_CHANGES, NUMBERS_INTERVAL_S, THIN_AFTER_S
from daemon.store.writer import StoreWriter
from tests import status_samples

NOW_S = 1_800_000_000.0
ALERT = AlertRecord(
    "speed-low", "firing", NOW_S, 430.0, "time/fps", "below", 500.0, "warning", "too slow"
)


@pytest.fixture
def writer(tmp_path: Path) -> StoreWriter:
    return StoreWriter.open(tmp_path / "store.db")


def names(history: StatusHistory, name: str, snapshot: object, time_s: float) -> list[str]:
    return [row.name for row in history.rows(name, snapshot, time_s)]  # type: ignore[arg-type]


def test_numbers_are_recorded_at_intervals_and_with_each_change() -> None:
    history, progress = StatusHistory(), status_samples.progress(NOW_S)
    later = msgspec.structs.replace(progress, timesteps=13_300_000, success_rate=0.5)
    passed = msgspec.structs.replace(later, gate_passed=True)
    assert names(history, "progress", progress, NOW_S) == ["progress", NUMBERS]
    assert names(history, "progress", later, NOW_S + INTERVAL_S - 1.0) == []
    assert names(history, "progress", later, NOW_S + INTERVAL_S) == [NUMBERS]
    assert names(history, "progress", passed, NOW_S + INTERVAL_S + 1.0) == ["progress", NUMBERS]
    assert names(history, "progress", passed, NOW_S - 9.0) == [NUMBERS]  # the clock was set back


def test_a_heartbeat_is_no_change_of_the_trainer_but_its_start_is_followed() -> None:
    history, running = StatusHistory(), status_samples.trainer_status(NOW_S)
    beat = msgspec.structs.replace(running, heartbeat_s=NOW_S, phase="learning")
    assert names(history, "trainer", running, NOW_S) == ["trainer"]
    assert names(history, "trainer", beat, NOW_S + 1.0) == []
    starting = msgspec.structs.replace(running, state="STARTING", phase="compiling")
    assert names(history, "trainer", starting, NOW_S + 2.0) == ["trainer"]
    building = msgspec.structs.replace(starting, phase="building")
    assert names(history, "trainer", building, NOW_S + 3.0) == ["trainer"]


def test_an_alert_is_recorded_when_it_changes_not_with_each_value() -> None:
    history = StatusHistory()
    assert names(history, "alerts", [], NOW_S) == ["alerts"]
    assert names(history, "alerts", [ALERT], NOW_S + 1.0) == ["alerts"]
    other = msgspec.structs.replace(ALERT, value=420.0)
    assert names(history, "alerts", [other], NOW_S + 2.0) == []
    assert names(history, "alerts", [], NOW_S + 3.0) == ["alerts"]


def test_an_alert_is_pending_once_it_has_been_for_a_while() -> None:
    history, pending = StatusHistory(), msgspec.structs.replace(ALERT, state="pending")
    assert names(history, "alerts", [], NOW_S - 1.0) == ["alerts"]
    assert names(history, "alerts", [pending], NOW_S) == []
    assert names(history, "alerts", [pending], NOW_S + INTERVAL_S) == ["alerts"]
    assert names(history, "alerts", [], NOW_S + INTERVAL_S + 1.0) == ["alerts"]


def test_a_moment_is_read_as_it_was(writer: StoreWriter) -> None:
    history = StatusHistory()
    first = status_samples.progress(NOW_S, stage=1, stage_name="hover", timesteps=1_000)
    second = status_samples.progress(NOW_S, stage=2, timesteps=2_000)
    writer.add_history(history.rows("progress", first, NOW_S))
    writer.add_history(history.rows("progress", second, NOW_S + 10.0))
    writer.add_history(history.rows("alerts", [ALERT], NOW_S + 5.0))
    writer.add_history(history.rows("progress", None, NOW_S + 20.0))
    with StoreReader.open(writer.path) as reader:
        assert reader.recorded_status(NOW_S - 1.0).names == frozenset()
        at = reader.recorded_status(NOW_S + 9.0)
        assert at.progress == first
        assert at.alerts == [ALERT]
        assert reader.recorded_status(NOW_S + 10.0).progress == second
        ended = reader.recorded_status(NOW_S + 20.0)
        assert ended.progress is None
        assert "progress" in ended.names
    writer.close()


def test_a_month_costs_less_than_a_megabyte(writer: StoreWriter) -> None:
    history, rows = StatusHistory(), []
    for index in range(int(2 * 86_400.0 / INTERVAL_S)):
        time_s = NOW_S - 2 * 86_400.0 + index * INTERVAL_S
        rows += history.rows(
            "progress",
            status_samples.progress(
                time_s,
                timesteps=index * 600_000,
                stage_timesteps=index * 500_000,
                reward_mean=512.3 + index / 7,
                steps_per_s=18_000.0 + index / 3,
                trained_s=index * INTERVAL_S / 1.1,
            ),
            time_s,
        )
    writer.add_history(rows)
    writer.thin_history(NOW_S)
    with sqlite3.connect(writer.path) as connection:
        (count, length) = connection.execute(
            "SELECT count(*), avg(length(snapshot) + 20) FROM status_history WHERE name = ?",
            (NUMBERS,),
        ).fetchone()
    writer.close()
    kept_day = 86_400.0 / NUMBERS_INTERVAL_S
    recent = THIN_AFTER_S / INTERVAL_S
    assert count == pytest.approx(recent + (2 * 86_400.0 - THIN_AFTER_S) / 86_400 * kept_day, abs=3)
    assert (recent + 30 * kept_day) * length < 1_000_000


def test_thinning_keeps_what_belongs_to_a_change_and_what_was_in_force(writer: StoreWriter) -> None:
    history = StatusHistory()
    start_s = NOW_S - THIN_AFTER_S - 600.0
    for index in range(10):
        stage = status_samples.progress(start_s, stage=1 + index // 5, timesteps=index)
        writer.add_history(history.rows("progress", stage, start_s + index * INTERVAL_S))
    old_s = NOW_S - KEEP_S - 3600.0
    for index in range(MOST_CHANGES + 10):
        alert = msgspec.structs.replace(ALERT, since_s=float(index))
        writer.add_history(history.rows("alerts", [alert], NOW_S - 3600.0 + index))
    run = status_samples.trainer_status(NOW_S)
    writer.add_history(history.rows("trainer", run, old_s))
    writer.add_history(history.rows("trainer", msgspec.structs.replace(run, restarts=1), old_s + 9))
    writer.thin_history(NOW_S)
    with StoreReader.open(writer.path) as reader:
        assert reader.recorded_status(old_s + 8.0).trainer is None
        kept = reader.recorded_status(NOW_S - KEEP_S).trainer
        assert kept is not None
        assert kept.restarts == 1
        second = reader.recorded_status(start_s + 9 * INTERVAL_S).progress
        assert second is not None
        assert (second.stage, second.timesteps) == (2, 5)
    with sqlite3.connect(writer.path) as connection:
        counted = dict(
            connection.execute("SELECT name, count(*) FROM status_history GROUP BY name")
        )
    writer.close()
    assert counted["alerts"] == MOST_CHANGES


def test_a_store_of_the_version_before_is_read_as_it_is_and_migrated(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    writer = StoreWriter.open(path)
    writer.add_event("daemon.started", "up", time_s=NOW_S)
    writer._connection.execute("DROP TABLE status_history")
    writer._connection.execute("PRAGMA user_version = 4")
    writer.close()
    with StoreReader.open(path) as reader:
        assert reader.recorded_status(NOW_S).names == frozenset()
        assert len(reader.events()) == 1
    assert prepare_store(path, NOW_S) is None
    writer = StoreWriter.open(path)
    writer.add_history(StatusHistory().rows("alerts", [ALERT], NOW_S))
    with StoreReader.open(path) as reader:
        assert reader.recorded_status(NOW_S).alerts == [ALERT]
    writer.close()
