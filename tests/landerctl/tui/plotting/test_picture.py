from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path

from daemon.store.records import Sample
from landerctl.tui.data.plotted import Wanted
from landerctl.tui.data.reader import SnapshotReader
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.plotting.marks import EVENTS, MarkKind
from landerctl.tui.plotting.metric import REWARD, SUCCESS
from landerctl.tui.plotting.picture import PERCENT_LIMITS, plot_data, time_window
from tests.landerctl.tui.state_folder import StateFolder

CPU = "cpu/trainer_percent"


def look(folder: StateFolder, *series: str) -> Snapshot:
    reader = SnapshotReader(folder.paths, (), now=lambda: folder.now_s, monotonic=time.monotonic)
    reader.wanted = Wanted(frozenset(series), marks=tuple(EVENTS))
    return reader.read()


def samples(*rows: tuple[float, int | None, float]) -> tuple[Sample, ...]:
    return tuple(Sample(*row) for row in rows)


def seen(snapshot: Snapshot, **series: tuple[Sample, ...]) -> Snapshot:
    names = {name.replace("_over_", "/"): found for name, found in series.items()}
    return replace(snapshot, series={**snapshot.series, **names})


def test_gates_span_the_steps_of_their_stages(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path, time.time())
    folder.everything()
    data = plot_data(look(folder), PlotChoice((SUCCESS,)))
    folder.close()
    assert [round(gate.value) for gate in data.gates] == [40, 50, 55]
    assert [gate.end for gate in data.gates] == [4_963_000, 9_926_000, 13_400_000]
    assert data.gates[1].start == data.gates[0].end
    assert (data.axes[0].low, data.axes[0].high) == PERCENT_LIMITS


def test_gates_over_time_end_when_their_stage_was_passed(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path, time.time())
    folder.everything()
    data = plot_data(look(folder), PlotChoice((SUCCESS,), by_time=True))
    folder.close()
    ends = [gate.end - folder.now_s for gate in data.gates]
    assert [round(end) for end in ends] == [-1900, -1100, 0]


def test_numbers_that_are_not_finite_are_not_drawn(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path, 1000.0)
    for index, value in enumerate((1.0, math.nan, math.inf, 2.0, 1.7e308)):
        folder.writer.add_samples(index, {REWARD: value}, timesteps=index)
    data = plot_data(look(folder), PlotChoice((REWARD,)))
    folder.close()
    assert data.lines[0].branches[0].values == (1.0, 2.0)


def test_two_units_have_two_axes_and_three_have_none_in_common(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path, time.time())
    folder.everything()
    snapshot = look(folder)
    folder.close()
    two = plot_data(snapshot, PlotChoice((SUCCESS, REWARD)))
    assert [line.axis for line in two.lines] == [0, 1]
    assert not two.normalised
    assert not two.gates  # they would be of one of the lines only
    three = plot_data(snapshot, PlotChoice((SUCCESS, REWARD, "time/fps")))
    assert [line.axis for line in three.lines] == [0, 1, 2]
    assert three.normalised


def test_series_of_the_machine_are_placed_by_the_timesteps_of_their_time(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path, time.time())
    snapshot = seen(
        look(folder),
        time_over_fps=samples((0.0, 0, 1.0), (100.0, 1000, 1.0)),
        cpu_over_trainer_percent=samples((25.0, None, 90.0), (50.0, None, 80.0)),
    )
    folder.close()
    data = plot_data(snapshot, PlotChoice((CPU,)))
    assert data.lines[0].branches[0].xs == (250.0, 500.0)
    by_time = plot_data(snapshot, PlotChoice((CPU,), by_time=True))
    assert by_time.lines[0].branches[0].xs == (25.0, 50.0)


def test_a_logarithmic_axis_counts_what_it_does_not_have(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path, time.time())
    values = samples((0.0, 0, 0.001), (1.0, 1, -1.0), (2.0, 2, 0.0), (3.0, 3, 10.0))
    snapshot = seen(look(folder), train_over_loss=values)
    folder.close()
    data = plot_data(snapshot, PlotChoice(("train/loss",), log=True))
    assert data.axes[0].log
    assert data.axes[0].low < 0.001
    assert data.axes[0].high > 10.0
    assert data.not_above_zero == 2


def test_smoothing_keeps_the_raw_line_and_begins_again_after_a_rollback(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path, time.time())
    values = samples((0.0, 0, 1.0), (1.0, 10, 3.0), (2.0, 5, 100.0), (3.0, 15, 200.0))
    snapshot = seen(look(folder), train_over_loss=values)
    folder.close()
    (line,) = plot_data(snapshot, PlotChoice(("train/loss",), smoothing=0.6)).lines
    assert [branch.values for branch in line.raw] == [(1.0, 3.0), (100.0, 200.0)]
    assert line.branches[1].values[0] == 100.0
    assert 1.0 < line.branches[0].values[1] < 3.0


def test_a_zoomed_part_has_the_limits_of_its_own_finer_samples(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path, time.time())
    coarse = samples((0.0, 0, 0.0), (100.0, 1000, 1000.0), (200.0, 2000, 0.0))
    snapshot = seen(look(folder), time_over_fps=coarse, train_over_loss=coarse)
    folder.close()
    choice, view = PlotChoice(("train/loss",)), (1400.0, 1600.0)
    since_s, until_s = time_window(snapshot, choice, view) or (0.0, 0.0)
    assert since_s <= 140.0
    assert until_s >= 160.0
    finer = {"train/loss": samples((140.0, 1400, 7.0), (150.0, 1500, 8.0), (160.0, 1600, 9.0))}
    data = plot_data(snapshot, choice, view, finer)
    assert data.zoomed
    assert (data.x_axis.low, data.x_axis.high) == view
    assert 6.0 < data.axes[0].low < 7.0
    assert 9.0 < data.axes[0].high < 10.0
    assert time_window(snapshot, choice, (5000.0, 6000.0)) is None


def test_marks_are_those_that_were_asked_for(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path, time.time())
    folder.everything()
    snapshot = look(folder)
    folder.close()
    none = plot_data(snapshot, PlotChoice((SUCCESS,)))
    assert not none.marks
    some = plot_data(snapshot, PlotChoice((SUCCESS,), marks="events"))
    assert [mark.kind for mark in some.marks] == [MarkKind.STAGE, MarkKind.STAGE, MarkKind.ALERT]
    assert [mark.x for mark in some.marks[:2]] == [4_963_000, 9_926_000]
    assert 11_500_000 < some.marks[2].x < 12_000_000  # 300 s ago, of 2600 s
    every = plot_data(snapshot, PlotChoice((SUCCESS,), marks="all"))
    assert sum(mark.kind is MarkKind.CHECKPOINT for mark in every.marks) == 13
