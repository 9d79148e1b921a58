"""The recorder when the store cannot be written, and when a record cannot be stored."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from daemon.store.async_recorder import FINAL_RECORDS, Recorder
from daemon.store.reader import StoreReader
from daemon.store.writer import StoreWriter
from tests.daemon.small_disk import small_disk


def names(path: Path) -> list[str]:
    with StoreReader.open(path) as reader:
        return [event.text for event in reader.events()]


def limit_pages(writer: StoreWriter, pages: int) -> None:
    """Limit the file's size by SQLite: beyond it writes fail as on a full disk."""
    connection: sqlite3.Connection = writer._connection
    connection.execute(f"PRAGMA max_page_count = {pages}")


def test_records_refused_by_a_full_disk_are_written_later_in_order(tmp_path: Path) -> None:
    path = tmp_path / "store.db"

    async def scenario() -> None:
        writer = StoreWriter.open(path)
        recorder = Recorder(writer, "run", lambda: 1.0)
        recorder.event("daemon.started", "before")
        await recorder.flush()
        limit_pages(writer, 1)
        texts = [f"{number} " + "x" * 20_000 for number in range(5)]
        for text in texts:
            recorder.event("checkpoint.saved", text)
            await recorder.flush()
        assert names(path) == ["before"]
        limit_pages(writer, 10_000)
        recorder.event("daemon.stopped", "after")
        await recorder.close()
        assert names(path) == ["before", *texts, "after"]

    asyncio.run(scenario())


def test_the_final_records_are_written_even_on_a_full_disk() -> None:
    async def scenario(path: Path) -> None:
        recorder = Recorder(StoreWriter.open(path), "run", lambda: 1.0)
        recorder.event("daemon.started", "before")
        assert await recorder.flush()
        disk.fill()
        for number in range(5_000):
            recorder.event("checkpoint.failed", f"{number} " + "x" * 1000)
            if number % 1000 == 0:
                assert not await recorder.flush()
        recorder.event("daemon.stopped", "after")
        await recorder.close()

    with small_disk(4) as disk:
        asyncio.run(scenario(disk.folder / "store.db"))
        recorded = names(disk.folder / "store.db")
    assert (recorded[0], recorded[-1]) == ("before", "after")
    assert recorded[-2].startswith("4999 ") and len(recorded) == FINAL_RECORDS + 1


def test_a_slow_disk_queues_only_one_drain(tmp_path: Path) -> None:
    path = tmp_path / "store.db"

    async def scenario() -> None:
        recorder = Recorder(StoreWriter.open(path), "run", lambda: 1.0)
        with sqlite3.connect(path, isolation_level=None) as blocking:
            blocking.execute("BEGIN IMMEDIATE")
            for number in range(1000):
                recorder.samples(float(number), {"x": 1.0})
            assert recorder._thread._work_queue.qsize() <= 1
            blocking.execute("ROLLBACK")
        blocking.close()
        await recorder.close()

    asyncio.run(scenario())
    with StoreReader.open(path) as reader:
        assert len(reader.series("x")) == 1000


def test_the_log_has_an_events_severity(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        recorder = Recorder(StoreWriter.open(tmp_path / "store.db"), "run", lambda: 1.0)
        recorder.event("trainer.crashed", "killed")
        recorder.event("stage.started", "stage 1", severity="warning")
        await recorder.close()

    asyncio.run(scenario())
    logged = [(record.levelname, record.message) for record in caplog.records]
    assert logged == [
        ("CRITICAL", "trainer.crashed: killed"),
        ("WARNING", "stage.started: stage 1"),
    ]


def test_an_unknown_event_name_raises(tmp_path: Path) -> None:
    recorder = Recorder(StoreWriter.open(tmp_path / "store.db"), "run", lambda: 1.0)
    with pytest.raises(KeyError):
        recorder.event("trainer.danced", "no such event")
    asyncio.run(recorder.close())


def test_on_a_full_disk_an_invalid_record_loses_no_other(
    tmp_path: Path,
) -> None:
    path = tmp_path / "store.db"

    async def scenario() -> None:
        writer = StoreWriter.open(path)
        recorder = Recorder(writer, "run", lambda: 1.0)
        limit_pages(writer, 1)
        together = threading.Event()
        recorder._thread.submit(together.wait)
        recorder.samples(1.0, {"x": 1.0}, timesteps=2**70)
        recorder.event("daemon.started", "x" * 20_000)
        recorder.event("daemon.stopped", "last")
        together.set()
        assert not await recorder.flush()
        limit_pages(writer, 10_000)
        await recorder.close()

    asyncio.run(scenario())
    assert names(path) == ["x" * 20_000, "last"]


def test_the_problem_and_the_unwritten_events_are_known_until_the_disk_recovers(
    tmp_path: Path,
) -> None:
    path = tmp_path / "store.db"

    async def scenario() -> None:
        writer = StoreWriter.open(path)
        recorder = Recorder(writer, "run", lambda: 1.0)
        assert await recorder.flush()
        limit_pages(writer, 1)
        recorder.event("daemon.started", "x" * 20_000)
        assert not await recorder.flush()
        assert str(recorder.problem).startswith(f"{path}: cannot be written: ")
        assert [event.name for event in recorder.unwritten] == ["daemon.started"]
        limit_pages(writer, 10_000)
        recorder.samples(1.0, {"x": 1.0}, timesteps=2**70)  # cannot be written at all
        assert await recorder.flush()
        assert recorder.problem is None and not recorder.unwritten
        await recorder.close()

    asyncio.run(scenario())
    assert names(path) == ["x" * 20_000]


def test_an_invalid_record_loses_no_other(tmp_path: Path) -> None:
    path = tmp_path / "store.db"

    async def scenario() -> None:
        recorder = Recorder(StoreWriter.open(path), "run", lambda: 1.0)
        recorder.event("daemon.started", "first")
        recorder.samples(1.0, {"x": 1.0}, timesteps=2**70)
        recorder.event("daemon.stopped", "last")
        await recorder.close()

    asyncio.run(scenario())
    assert names(path) == ["first", "last"]
