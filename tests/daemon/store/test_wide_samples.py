"""Many series side by side."""

from __future__ import annotations

import math
from contextlib import closing
from pathlib import Path

import pytest

from daemon.store.reader import StoreReader
from daemon.store.wide_samples import WINDOW_S, WideRow
from daemon.store.writer import StoreWriter

YEAR_S = 365 * 86_400.0


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    with closing(StoreWriter.open(path)) as writer:
        writer.add_samples(100.0, {"disk/free_gb": 5.0})
        writer.add_samples(101.0, {"time/fps": 1.0, "train/loss": math.nan}, timesteps=10)
        writer.add_samples(101.0, {"disk/free_gb": 6.0})
        writer.add_samples(100.0 + WINDOW_S, {"time/fps": math.inf}, timesteps=20)
        writer.add_samples(100.0 + 30 * YEAR_S, {"time/fps": 3.0}, timesteps=30)
    return path


def rows(path: Path, *names: str, since_s: float = 0.0, until_s: float = math.inf) -> list[WideRow]:
    with StoreReader.open(path) as reader:
        return list(reader.wide(names, since_s=since_s, until_s=until_s))


def test_a_row_a_time_over_windows_and_years(store: Path) -> None:
    assert rows(store, "time/fps", "disk/free_gb") == [
        WideRow(100.0, None, [None, 5.0]),
        WideRow(101.0, 10, [1.0, 6.0]),
        WideRow(100.0 + WINDOW_S, 20, [math.inf, None]),
        WideRow(100.0 + 30 * YEAR_S, 30, [3.0, None]),
    ]


def test_only_what_was_asked_for(store: Path) -> None:
    assert [row.time_s for row in rows(store, "disk/free_gb")] == [100.0, 101.0]
    assert [row.time_s for row in rows(store, "time/fps", since_s=101.0, until_s=4000.0)] == [
        101.0,
        100.0 + WINDOW_S,
    ]
    assert rows(store, "time/fps", until_s=101.0) == []
    assert rows(store, "no/such") == rows(store) == []


def test_not_a_number_is_a_value(store: Path) -> None:
    [row] = rows(store, "train/loss")
    assert row.values[0] is not None and math.isnan(row.values[0])
