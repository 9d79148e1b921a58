"""What is read of a sweep, and when it is read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from daemon.base.paths import StatePaths
from daemon.runs.curves import STAGE, SUCCESS
from daemon.store.reader import StoreError
from landerctl.tui.data.reader import NOT_READ_YET
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.plotting.drawing import draw
from landerctl.tui.sweeps.compared import compared_tables
from landerctl.tui.sweeps.details import detail_lines
from landerctl.tui.sweeps.header import header_lines
from landerctl.tui.sweeps.plotted import recorded, rungs, series_of, sweep_plot
from landerctl.tui.sweeps.reader import CURVES_INTERVAL_S, LOOK_INTERVAL_S, SHARE, SweepReader
from landerctl.tui.sweeps.records import FoundSweeps, Sweep
from tests.landerctl.tui.sweeps.sample import NOW_S, SampleSweep, sample_sweep

SNAPSHOT = Snapshot(NOW_S, NOT_READ_YET)


class Reading:
    """A reader with clocks that the test moves."""

    def __init__(self, home: Path) -> None:
        self.s = 0.0
        self.cost_s = 0.0  # of a reading, in CPU time
        self._cpu_s = 0.0
        paths = StatePaths(home)
        self.reader = SweepReader(paths, lambda: NOW_S + self.s, lambda: self.s, self._cpu)

    def _cpu(self) -> float:
        self._cpu_s += self.cost_s
        return self._cpu_s

    def read(self, after_s: float = 0.0) -> FoundSweeps:
        self.s += after_s
        return self.reader.read(SNAPSHOT)

    def sweep(self, after_s: float = 0.0) -> Sweep:
        found = self.read(after_s).sweep
        assert found is not None
        return found


@pytest.fixture
def sweep(tmp_path: Path) -> Iterator[SampleSweep]:
    made = sample_sweep(StatePaths(tmp_path))
    yield made
    made.close()


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    return Reading(tmp_path)


def test_nothing_is_read_again_while_nothing_changed(sweep: SampleSweep, reading: Reading) -> None:
    first = reading.read()
    assert reading.read() is first
    assert reading.read(LOOK_INTERVAL_S) is first
    trial = msgspec.structs.replace(sweep.trial(3), steps=299_000, reason="\x1b[31mred")
    sweep.put(trial)
    second = reading.sweep()
    assert second.rows[3].steps == 299_000
    assert second.rows[3].reason == "␛[31mred"
    # Of a coordinator that runs, the time that passed is new too.
    assert second.status.state == "dead"
    sweep.run()
    assert reading.sweep().status.state == "running"
    assert reading.sweep(LOOK_INTERVAL_S).status.elapsed_s == 3600.0 + 2 * LOOK_INTERVAL_S


def test_a_costly_sweep_is_read_less_often(sweep: SampleSweep, reading: Reading) -> None:
    reading.cost_s = 1.0
    first = reading.read()
    sweep.put(msgspec.structs.replace(sweep.trial(4), steps=200_000))
    assert reading.read(after_s=0.9 / SHARE) is first
    assert reading.read(after_s=0.2 / SHARE) is not first


def test_curves_are_read_of_the_plotted_trials_only(sweep: SampleSweep, reading: Reading) -> None:
    assert not reading.read().curves
    reading.reader.plotted = (3, 7, 0)  # 7 has not begun
    found = reading.read()
    assert list(found.curves) == [3, 0]
    assert reading.read() is found
    assert recorded(found.curves) == [SUCCESS, STAGE]
    assert reading.read(CURVES_INTERVAL_S) is found
    assert found.sweep is not None
    data = sweep_plot(found.sweep, found.curves, PlotChoice((SUCCESS,), smoothing=0.6))
    assert data is not None
    assert [mark.x for mark in data.marks] == [100_000.0, 200_000.0, 300_000.0]
    assert [line.metric.title for line in data.lines] == ["#3", "#0"]
    text = "\n".join("".join(part for part, _ in row) for row in draw(data, 80, 20)[0])
    assert "A #3 · B #0" in text
    assert sweep_plot(found.sweep, found.curves, PlotChoice(("train/std",))) is None


def test_details_tables_and_header_of_what_was_read(sweep: SampleSweep, reading: Reading) -> None:
    found = reading.sweep()
    assert series_of(found.spec.objectives[0]) == SUCCESS
    assert rungs(found) == [100_000.0, 200_000.0, 300_000.0]
    lines = [lead + text for lead, text in detail_lines(found, 1, 60)]
    assert lines[0].startswith("Trial 1 stopped: halving at 100k: success 21%, 3rd of 4;")
    assert "at 100k            success 21.3%, in 1 min" in lines
    assert any("stop at 100k: halving" in line for line in lines)
    for width in (20, 40, 80):
        assert all(
            len(lead + text) <= max(width, 30)
            for number in range(8)
            for lead, text in detail_lines(found, number, width)
        )
    tables = list(compared_tables(found, (0, 3)))
    assert [table.title for table in tables] == [
        "Trials",
        "Settings that differ",
        "Success at each rung",
    ]
    assert tables[2].rows[0] == ("100k", "13.3%", "15.3%")
    for width in (20, 40, 80, 160):
        header = header_lines(found.status, 1, width)
        assert all(line.cell_length <= max(width, 26) for line in header)
    assert "4 of 8 ended" in header_lines(found.status, 0, 80)[1].plain
    assert "s resumes it" in header_lines(found.status, 0, 120)[0].plain


def test_a_trial_elsewhere_has_no_home_here(sweep: SampleSweep, reading: Reading) -> None:
    found = reading.sweep()
    home = reading.reader.home(found.trials[0])
    assert home is not None and home.home == sweep.paths.trial(0).home
    assert reading.reader.home(found.trials[7]) is None
    away = msgspec.structs.replace(found.trials[7], place="node-2:/var/trials/00007")
    assert reading.reader.home(away) is None


def test_the_newest_sweep_until_another_is_chosen(sweep: SampleSweep, reading: Reading) -> None:
    SampleSweep(StatePaths(reading.reader._paths.home), "later")
    reading.reader.chosen = None
    found = reading.read()
    assert [one.name for one in found.names] == ["later", "rates"]
    assert found.sweep is not None and found.sweep.status.name == "later"
    reading.reader.chosen = "rates"
    assert reading.sweep().status.name == "rates"


def test_a_damaged_store_is_named(sweep: SampleSweep, reading: Reading) -> None:
    sweep.paths.store.write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="not a database"):
        reading.read()


def test_no_sweep(reading: Reading) -> None:
    assert reading.read() == FoundSweeps()
