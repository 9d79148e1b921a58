"""A damaged store does not prevent a training from starting, and is set aside unchanged."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from daemon.store.integrity import prepare_store
from daemon.store.reader import StoreReader
from daemon.store.records import Event, RunRecord
from daemon.store.retention import KEEP_EVENTS_S, MOST_EVENTS
from daemon.store.schema import StoreVersionError
from daemon.store.writer import StoreWriter
from tests.daemon.harness import Home

NOW_S = 1.8e9
DAY_S = 86_400.0


def filled(path: Path) -> None:
    writer = StoreWriter.open(path)
    with writer.transaction():
        for k in range(2_000):
            writer.add_event("run.started", f"event {k} " + "x" * 100, time_s=NOW_S + k)
            writer.add_samples(NOW_S + k, {"a": float(k), "b": 1.0})
    writer.close()


def test_an_intact_store_and_a_missing_one_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    assert prepare_store(path, NOW_S) is None
    filled(path)
    before = path.read_bytes()
    assert prepare_store(path, NOW_S) is None
    assert path.read_bytes() == before


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_store_is_set_aside_byte_for_byte(tmp_path: Path, seed: int) -> None:
    """A random page anywhere is detected, or leaves a store that SQLite reports as intact."""
    path, draw = tmp_path / "store.db", random.Random(seed)
    filled(path)
    content = bytearray(path.read_bytes())
    at = 4096 * draw.randrange(len(content) // 4096)
    content[at : at + 4096] = draw.randbytes(4096)
    path.write_bytes(content)
    aside = prepare_store(path, NOW_S)
    assert aside is not None
    assert aside.read_bytes() == bytes(content)
    assert not path.exists()
    StoreWriter.open(path).close()


def test_a_store_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    writer = StoreWriter.open(path)
    writer._connection.execute("PRAGMA user_version = 99")
    writer.close()
    with pytest.raises(StoreVersionError):
        prepare_store(path, NOW_S)
    assert path.exists()


def test_an_older_store_is_migrated_and_keeps_its_events(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    filled(path)
    writer = StoreWriter.open(path)
    writer._put("alerts", [{"name": "disk-low", "state": "firing"}])
    writer._connection.execute("PRAGMA user_version = 1")
    writer.close()
    with pytest.raises(StoreVersionError, match="older landerctl"):
        StoreReader.open(path)
    assert prepare_store(path, NOW_S) is None
    with StoreReader.open(path) as reader:
        assert reader.status().alerts == []
        assert len(reader.events(limit=5_000)) == 2_000


def test_a_store_without_sessions_gets_those_of_its_trainers(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    writer = StoreWriter.open(path)
    writer.add_event("trainer.started", "", time_s=2.0, run_id="a")
    writer.add_event("trainer.started", "", time_s=3.0, run_id="b")
    writer.put_run(RunRecord("b", 1.0, "demo", "ppo", 4))
    for table in ("sessions", "episode_counts", "failed_episodes"):
        writer._connection.execute(f"DROP TABLE {table}")
    writer._connection.execute("PRAGMA user_version = 3")
    writer.close()
    assert prepare_store(path, NOW_S) is None
    with StoreReader.open(path) as reader:
        assert reader.sessions() == [(1.0, "b"), (2.0, "a"), (3.0, "b")]


def test_a_supervisor_replaces_a_damaged_store_and_records_it(home: Home) -> None:
    home.stop(home.started())
    home.paths.store.write_bytes(b"no database at all" * 1000)
    home.started()
    event = home.event("store.recovered")
    aside = Path(str(event.body["path"]))
    assert aside.read_bytes().startswith(b"no database at all")
    home.trainer_state("RUNNING")


def test_events_expire_by_age_and_severity(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    writer = StoreWriter.open(path)
    ages = [(keep_s + by_s, name) for name, keep_s in KEEP_EVENTS_S.items() for by_s in (1.0, -1.0)]
    for age_s, severity in sorted(ages, reverse=True):
        writer.add_event("run.started", severity, time_s=NOW_S - age_s, severity=severity)  # type: ignore[arg-type]
    writer.remove_old_events(NOW_S)
    writer.close()
    assert sorted(event.text for event in events(path)) == sorted(KEEP_EVENTS_S)


def test_an_event_dated_by_a_clock_a_year_back_is_as_young_as_the_one_before_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "store.db"
    writer = StoreWriter.open(path)
    writer.add_event("run.started", "old", time_s=NOW_S - 40 * DAY_S)
    writer.add_event("run.started", "before", time_s=NOW_S - DAY_S)
    writer.add_event("run.started", "wrong clock", time_s=NOW_S - 366 * DAY_S)
    writer.add_event("run.started", "future", time_s=NOW_S + 366 * DAY_S)
    writer.remove_old_events(NOW_S)
    writer.close()
    assert [event.text for event in events(path)] == ["before", "wrong clock", "future"]


def test_info_events_are_limited_in_number(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    writer = StoreWriter.open(path)
    with writer.transaction():
        writer.add_event("trainer.crashed", "old", time_s=NOW_S)
        for k in range(MOST_EVENTS + 5):
            writer.add_event("checkpoint.saved", str(k), time_s=NOW_S)
    writer.remove_old_events(NOW_S)
    writer.close()
    found = events(path)
    assert found[0].text == "old"
    assert found[1].text == "5"
    assert len(found) == MOST_EVENTS + 1


def events(path: Path) -> list[Event]:
    with StoreReader.open(path) as reader:
        return reader.events(limit=2 * MOST_EVENTS)
