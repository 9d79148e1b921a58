from __future__ import annotations

import time
from pathlib import Path

import pytest

from daemon.store.reader import StoreReader
from daemon.store.records import Sample
from landerctl.tui.data.plotted import MAX_POINTS, Plotted, PlottedReader, Thinned, Wanted
from tests.landerctl.tui.state_folder import RUN_ID, StateFolder

LOSS = Wanted(frozenset({"train/loss"}))


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "home", time.time())


def add(folder: StateFolder, start: int, count: int) -> None:
    with folder.writer.transaction():
        for index in range(start, start + count):
            folder.writer.add_samples(float(index), {"train/loss": index}, timesteps=index)


def read(folder: StateFolder, reader: PlottedReader, wanted: Wanted = LOSS) -> Plotted:
    with StoreReader.open(folder.paths.store) as store:
        return reader.read(store, wanted, RUN_ID, 0.0)


def test_points_stay_where_they_are_while_a_series_grows(folder: StateFolder) -> None:
    reader = PlottedReader()
    add(folder, 0, 10 * MAX_POINTS)
    before = read(folder, reader).series["train/loss"]
    assert MAX_POINTS / 2 < len(before) <= MAX_POINTS
    add(folder, 10 * MAX_POINTS, 5)
    after = read(folder, reader).series["train/loss"]
    assert after[: len(before)] == before
    assert after[-1].value == 10 * MAX_POINTS + 4
    assert read(folder, reader).series["train/loss"] is after


def test_a_series_of_any_length_has_a_bounded_number_of_points_and_its_newest() -> None:
    thinned = Thinned()
    for index in range(20_000):
        thinned.add([Sample(float(index), index, 0.0)])
    assert MAX_POINTS <= len(thinned.samples) <= 2 * MAX_POINTS
    assert thinned.samples[-1].timesteps == 19_999
    times = [sample.time_s for sample in thinned.samples]
    assert times == sorted(set(times))


def test_a_window_is_read_finer_and_not_again_once_it_is_past(folder: StateFolder) -> None:
    reader, window = PlottedReader(), (1000.0, 1100.0)
    add(folder, 0, 10 * MAX_POINTS)
    wanted = Wanted(LOSS.series, {window: ("train/loss",)})
    first = read(folder, reader, wanted).finer[window]["train/loss"]
    assert [sample.time_s for sample in first] == list(range(1000, 1100))
    assert read(folder, reader, wanted).finer[window]["train/loss"] is first
    assert not read(folder, reader).finer


def test_marks_are_read_once_and_then_only_newer_ones(folder: StateFolder) -> None:
    reader, wanted = PlottedReader(), Wanted(marks=("alert.firing",))
    assert read(folder, reader, wanted).marks == ()
    for number in range(450):
        folder.writer.add_event("alert.firing", f"{number}", time_s=1.0, run_id=RUN_ID)
    folder.writer.add_event("alert.resolved", "not asked for", time_s=1.0, run_id=RUN_ID)
    marks = read(folder, reader, wanted).marks
    assert [event.text for event in marks] == [str(number) for number in range(450)]
    assert read(folder, reader, wanted).marks is marks
    assert not read(folder, reader).marks


def test_another_store_in_the_same_place_is_read_from_its_start(folder: StateFolder) -> None:
    reader = PlottedReader()
    add(folder, 0, 50)
    read(folder, reader)
    folder.close()
    for path in folder.paths.home.glob("store.db*"):
        path.unlink()
    other = StateFolder(folder.paths.home, folder.now_s)
    add(other, 0, 10)
    assert len(read(other, reader).series["train/loss"]) == 10
    other.close()
