"""The recorder when the store cannot be written, and when a record cannot be stored."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from daemon.store.reader import StoreReader
from daemon.store.writer import StoreWriter
from daemon.supervisor.recorder import Recorder


def names(path: Path) -> list[str]:
    with StoreReader.open(path) as reader:
        return [event.text for event in reader.events()]


def limit_pages(writer: StoreWriter, pages: int) -> None:
    """SQLite's own limit on the file: beyond it writes fail as on a full disk."""
    connection: sqlite3.Connection = writer._connection
    connection.execute(f"PRAGMA max_page_count = {pages}")


def test_what_a_full_disk_refused_is_written_later_in_order(tmp_path: Path) -> None:
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


def test_a_record_that_cannot_be_stored_takes_no_other_with_it(tmp_path: Path) -> None:
    path = tmp_path / "store.db"

    async def scenario() -> None:
        recorder = Recorder(StoreWriter.open(path), "run", lambda: 1.0)
        recorder.event("daemon.started", "first")
        recorder.samples(1.0, {"x": 1.0}, timesteps=2**70)
        recorder.event("daemon.stopped", "last")
        await recorder.close()

    asyncio.run(scenario())
    assert names(path) == ["first", "last"]
