"""Each sample is read once, whatever the series, and what is left is counted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.store.writer import StoreWriter
from daemon.tracking.tail import NamedSample, Rest, TailReader

SPANS = [(10.0, 20.0), (30.0, math.inf)]  # the other times are another run's


def wanted(name: str) -> bool:
    return name != "unwanted"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TailReader]:
    writer = StoreWriter.open(tmp_path / "store.db")
    for second in range(50):
        writer.add_samples(float(second), {"b": second, "unwanted": 0.0})
        if second % 3 == 0:
            writer.add_samples(second + 0.5, {"a": math.nan}, timesteps=100 * second)
    with TailReader.open(tmp_path / "store.db") as reader:
        yield reader
    writer.close()


def read(store: TailReader, cursor: dict[str, float], limit: int) -> list[NamedSample]:
    found: list[NamedSample] = []
    while some := store.samples_after(cursor, SPANS, wanted=wanted, limit=limit):
        assert [sample.time_s for sample in some] == sorted(sample.time_s for sample in some)
        found += some
        cursor |= {sample.name: sample.time_s for sample in some}
    return found


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_all_samples_of_the_run_once_and_in_order(store: TailReader, limit: int) -> None:
    found = read(store, {}, limit)
    seconds = [*range(10, 20), *range(30, 50)]
    assert [one.time_s for one in found if one.name == "b"] == seconds
    assert [one.timesteps for one in found if one.name == "a"] == [
        100 * second for second in seconds if second % 3 == 0
    ]
    assert all(math.isnan(one.value) for one in found if one.name == "a")
    assert [one.time_s for one in found] == sorted(one.time_s for one in found)


def test_it_continues_in_each_series_where_it_ended(store: TailReader) -> None:
    found = read(store, {"a": 45.5, "b": 47.0}, 1000)
    assert [(one.name, one.time_s) for one in found] == [("b", 48.0), ("a", 48.5), ("b", 49.0)]


def test_what_is_left_is_counted(store: TailReader) -> None:
    cursor = {"a": 45.5, "b": 15.0}
    assert store.rest_after(cursor, SPANS, wanted=wanted) == Rest(25, 16.0)
    assert store.rest_after(cursor, SPANS, wanted=wanted, until_s=31.0) == Rest(5, 16.0)
    assert store.rest_after({"a": 99.0, "b": 99.0}, SPANS, wanted=wanted) == Rest(0, None)
