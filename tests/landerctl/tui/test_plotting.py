from __future__ import annotations

import math
import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from landerctl.tui.data.reader import SnapshotReader
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.plotting import (
    METRICS,
    PERCENT_LIMITS,
    axis_label,
    nice_limits,
    plot_data,
    split_branches,
)
from tests.landerctl.tui.state_folder import StateFolder


def look(folder: StateFolder) -> Snapshot:
    reader = SnapshotReader(folder.paths, None, now=lambda: folder.now_s, monotonic=time.monotonic)
    return reader.read()


def test_a_rollback_starts_a_new_branch() -> None:
    branches = split_branches([(0, 1.0), (10, 2.0), (20, 3.0), (10, 1.5), (30, 4.0)])
    assert [branch.timesteps for branch in branches] == [(0, 10, 20), (10, 30)]
    assert [branch.abandoned for branch in branches] == [True, False]


@given(st.lists(st.floats(-1e9, 1e9), max_size=30))
def test_limits_hold_every_value_and_zero(values: list[float]) -> None:
    low, high = nice_limits(values)
    assert low < high
    assert all(low <= value <= high for value in [*values, 0.0])


def test_gates_span_the_steps_of_their_stages(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path, time.time())
    folder.everything()
    data = plot_data(look(folder), METRICS[0])
    folder.close()
    assert [round(gate.value) for gate in data.gates] == [40, 50, 55]
    assert [gate.end for gate in data.gates] == [4_963_000, 9_926_000, 13_400_000]
    assert data.gates[1].start == data.gates[0].end
    assert data.y_limits == PERCENT_LIMITS


def test_numbers_that_are_not_finite_are_not_drawn(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path, 1000.0)
    for index, value in enumerate((1.0, math.nan, math.inf, 2.0)):
        folder.writer.add_samples(index, {"curriculum/reward_100": value}, timesteps=index)
    data = plot_data(look(folder), METRICS[1])
    folder.close()
    assert data.branches[0].values == (1.0, 2.0)


def test_axis_labels_have_no_trailing_zeros() -> None:
    assert [axis_label(v) for v in (0, 250_000, 1_500_000, 2_000_000, -200)] == [
        "0",
        "250k",
        "1.5M",
        "2M",
        "-200",
    ]
