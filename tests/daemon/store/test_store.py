"""The store returns what was written, even if its writer is killed."""

from __future__ import annotations

import math
import os
import sqlite3
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.store.catalogs.event_catalog import CATALOGUE, is_routine
from daemon.store.reader import StoreReader
from daemon.store.records import TrainerStatus
from daemon.store.schema import (
    SCHEMA_VERSION,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreMissingError,
    StoreVersionError,
)
from daemon.store.writer import StoreWriter
from tests.daemon.harness import ROOT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a store#1?.db"


def trainer(restarts: int) -> TrainerStatus:
    return TrainerStatus("RUNNING", 1.0, 2, "run", "learning", "", restarts, None, None, 3.0)


def test_events_round_trip(path: Path) -> None:
    writer = StoreWriter.open(path)
    first = writer.add_event("daemon.started", "up", time_s=1.5, body={"pid": 7})
    second = writer.add_event("trainer.crashed", "tot ☠", time_s=2.5, run_id="a")
    third = writer.add_event("alert.firing", "hm", time_s=3.5, severity="critical", run_id="b")
    with StoreReader.open(path) as reader:
        assert reader.events() == [first, second, third]
        assert reader.events(limit=2) == [second, third]
        assert reader.events(after_id=first.id, limit=1) == [second]
        assert reader.events(after_id=0, limit=1) == [first]
        assert reader.events(names=["daemon.started"]) == [first]
        assert reader.events(names=[]) == []
        assert reader.events(min_severity="warning") == [second, third]
        assert reader.events(run_id="a") == [second]
    assert second.severity == "critical"
    writer.close()


def test_routine_events_are_filtered_in_the_query_as_listed_in_the_catalogue(path: Path) -> None:
    writer = StoreWriter.open(path)
    with writer.transaction():
        for name in CATALOGUE:
            for kind in ("interval", "gate", None):
                writer.add_event(name, "", time_s=1.0, body={"kind": kind})
    writer.close()
    with StoreReader.open(path) as reader:
        every = reader.events(limit=1000)
        shown = reader.events(limit=1000, routine=False)
        # The limit counts what is shown.
        assert reader.events(limit=2, routine=False) == shown[-2:]
    assert shown == [event for event in every if not is_routine(event)]
    assert {event.name for event in every} - {event.name for event in shown} == {
        "episode.timeout",
        "checkpoint.pruned",
        "backup.made",
        "backup.sent",
        "backup.pruned",
    }


def test_an_event_not_in_the_catalogue_is_refused(path: Path) -> None:
    writer = StoreWriter.open(path)
    with pytest.raises(KeyError):
        writer.add_event("no.such", "text", time_s=1.0)
    with pytest.raises(KeyError):
        writer.add_event("no.such", "text", time_s=1.0, severity="info")
    writer.close()


def test_non_finite_numbers_round_trip(path: Path) -> None:
    writer = StoreWriter.open(path)
    for time_s, value in enumerate([1.0, math.nan, math.inf, -math.inf]):
        writer.add_samples(float(time_s), {"train/loss": value}, timesteps=10 * time_s)
    writer.add_samples(9.0, {"disk/free_gb": 3.5})
    with StoreReader.open(path) as reader:
        samples = reader.series("train/loss")
        assert [sample.timesteps for sample in samples] == [0, 10, 20, 30]
        assert samples[0].value == 1.0
        assert math.isnan(samples[1].value)
        assert [samples[2].value, samples[3].value] == [math.inf, -math.inf]
        assert reader.series("disk/free_gb")[0].timesteps is None
        assert reader.series("no/such") == []
        assert reader.sample_names() == ["disk/free_gb", "train/loss"]
        assert [sample.time_s for sample in reader.series("train/loss", since_s=2.0)] == [2.0, 3.0]
    writer.close()


@settings(max_examples=40)
@given(count=st.integers(0, 60), max_points=st.integers(2, 70))
def test_thinning_keeps_both_ends_and_the_bound(
    tmp_path_factory: pytest.TempPathFactory, count: int, max_points: int
) -> None:
    path = tmp_path_factory.mktemp("thin") / "store.db"
    writer = StoreWriter.open(path)
    with writer.transaction():
        for number in range(count):
            writer.add_samples(float(number), {"x": float(number)})
    with StoreReader.open(path) as reader:
        times_s = [sample.time_s for sample in reader.series("x", max_points=max_points)]
    writer.close()
    assert len(times_s) == min(count, max_points) or max_points / 2 <= len(times_s) <= max_points
    assert times_s == sorted(set(times_s))
    if count:
        assert times_s[0] == 0.0
        assert times_s[-1] == count - 1
    gaps = {after - before for before, after in pairwise(times_s[:-1])}
    assert len(gaps) <= 1


def test_status_is_one_consistent_snapshot(path: Path) -> None:
    writer = StoreWriter.open(path)
    with writer.transaction():
        writer.put_trainer(trainer(0))
        writer.add_samples(0.0, {"n": 0.0})
    enough = threading.Event()

    def write() -> None:
        for number in range(1, 10_000):
            if enough.is_set():
                return
            with writer.transaction():
                writer.put_trainer(trainer(number))
                writer.put_progress(None)
                writer.put_alerts([])
                writer.add_samples(0.0, {"n": float(number)})

    thread = threading.Thread(target=write)
    thread.start()
    restarts_seen: list[int] = []
    with StoreReader.open(path) as reader:
        while len(set(restarts_seen)) < 20:
            status = reader.status()
            assert status.trainer is not None
            restarts_seen.append(status.trainer.restarts)
            assert reader.series("n")[0].value >= status.trainer.restarts
    enough.set()
    thread.join()
    writer.close()
    assert restarts_seen == sorted(restarts_seen)


def test_a_failed_transaction_leaves_nothing(path: Path) -> None:
    writer = StoreWriter.open(path)
    with pytest.raises(ZeroDivisionError), writer.transaction():
        writer.add_samples(1.0, {"new": 1.0})
        raise ZeroDivisionError
    writer.add_samples(2.0, {"new": 2.0})
    with StoreReader.open(path) as reader:
        assert [sample.time_s for sample in reader.series("new")] == [2.0]
    writer.close()


WRITE_UNTIL_KILLED = """
import sys
from pathlib import Path
from daemon.store.writer import StoreWriter
writer = StoreWriter.open(Path(sys.argv[1]))
while True:
    event = writer.add_event("daemon.started", "x" * 3000, time_s=1.0)
    print(event.id, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 40, 150])
def test_a_killed_writer_loses_no_acknowledged_record(path: Path, lines: int) -> None:
    command = [sys.executable, "-c", WRITE_UNTIL_KILLED, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        process.kill()
        rest = process.stdout.read().split()
    acknowledged = int(rest[-1]) if rest else lines
    # Read before anything else opens it for writing.
    with StoreReader.open(path) as reader:
        events = reader.events(limit=100_000)
    assert [event.id for event in events[:acknowledged]] == list(range(1, acknowledged + 1))
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    writer = StoreWriter.open(path)
    assert writer.add_event("daemon.started", "again", time_s=2.0).id > acknowledged
    writer.close()


def test_only_the_owner_may_read(path: Path) -> None:
    writer = StoreWriter.open(path)
    writer.put_trainer(trainer(1))
    for file in path.parent.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600, file
    writer.close()


def test_a_missing_store_is_reported_and_not_created(path: Path) -> None:
    with pytest.raises(StoreMissingError, match="landerctl start"):
        StoreReader.open(path)
    assert not path.exists()


def test_an_empty_file_counts_as_a_missing_store(path: Path) -> None:
    path.touch()
    with pytest.raises(StoreMissingError):
        StoreReader.open(path)


@pytest.mark.parametrize("content", [b"not a database at all " * 100, b"SQLite format 3\0" * 10])
def test_damage_is_reported(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreDamagedError, match="is damaged") as error:
        StoreReader.open(path)
    assert "\n" not in str(error.value)
    with pytest.raises(StoreDamagedError, match="is damaged"):
        StoreWriter.open(path)


def test_damage_inside_is_reported(path: Path) -> None:
    writer = StoreWriter.open(path)
    for number in range(300):
        writer.add_event("daemon.started", "x" * 500, time_s=float(number))
    writer.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(os.urandom(size - 8192))
    with StoreReader.open(path) as reader, pytest.raises(StoreDamagedError):
        reader.events(limit=1000)


def test_an_undecodable_snapshot_is_damage(path: Path) -> None:
    writer = StoreWriter.open(path)
    writer.put_trainer(trainer(1))
    writer.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE status SET snapshot = '{}'")
    connection.close()
    with StoreReader.open(path) as reader, pytest.raises(StoreDamagedError):
        reader.status()


def test_a_newer_store_is_refused(path: Path) -> None:
    StoreWriter.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    for open_it in (StoreReader.open, StoreWriter.open):
        with pytest.raises(StoreVersionError, match=f"version {SCHEMA_VERSION + 1}"):
            open_it(path)


def test_a_locked_store_is_busy(path: Path) -> None:
    StoreWriter.open(path).close()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA journal_mode = DELETE")
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreBusyError, match="try again"):
        StoreReader.open(path)
    holder.close()


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        StoreWriter.open(tmp_path / "missing" / "store.db")


def test_reading_imports_nothing_heavy() -> None:
    code = "import sys, daemon.store.reader; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "sqlite3" in loaded
    assert not {"asyncio", "psutil", "watchdog", "filelock", "numpy", "torch", "typer"} & set(
        loaded
    )
