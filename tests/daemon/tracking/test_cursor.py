"""What was sent is remembered across processes, clocks and servers."""

from __future__ import annotations

from pathlib import Path

from daemon.base.paths import RunPaths
from daemon.tracking.cursor import Cursor, read_cursor, recounted, set_back, write_cursor

SENT = Cursor(destination="here", series={"a": 100.0, "b": 500.0}, sent=7)


def test_it_is_read_back_for_its_destination_only(tmp_path: Path) -> None:
    run = RunPaths(tmp_path)
    assert read_cursor(run, "here") == Cursor(destination="here")
    write_cursor(run, SENT)
    assert read_cursor(run, "here") == SENT
    assert read_cursor(run, "there") == Cursor(destination="there")
    run.tracking.write_bytes(b'{"sent": ')
    assert read_cursor(run, "here") == Cursor(destination="here")


def test_a_clock_that_was_set_back_sends_a_minute_again_and_misses_nothing() -> None:
    assert set_back(SENT, 500.0) == SENT
    assert set_back(SENT, 400.0).series == {"a": 100.0, "b": 340.0}


def test_what_disappears_unsent_is_counted_as_lost() -> None:
    first = recounted(SENT, 0, 50, 600.0)
    assert (first.lost, first.counted, first.counted_until_s) == (0, 50, 600.0)
    second = recounted(first, 20, 40, 700.0)
    assert (second.lost, second.counted) == (30, 40)
    assert recounted(second, 40, 45, 800.0).lost == 30
