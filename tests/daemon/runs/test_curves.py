"""A run's curves: thinned step by step as at once, stored, read back."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.base.paths import RunPaths
from daemon.runs.curves import (
    FINEST_S,
    MOST_ROWS,
    REWARD,
    SUCCESS,
    Passed,
    Row,
    RunCurves,
    WentBack,
    extended,
    read_curves,
    write_curves,
)

BEGAN_S = 1_800_000_000.0


def rows(times_s: list[float], *, steps: list[int] | None = None) -> list[Row]:
    """A row at each time after BEGAN_S; the second series in every third only."""
    return [
        Row(
            BEGAN_S + at,
            steps[index] if steps else 1000 * index,
            at,
            {SUCCESS: at} | ({REWARD: -at} if index % 3 == 0 else {}),
        )
        for index, at in enumerate(times_s)
    ]


@given(
    st.lists(st.floats(0.0, 30 * 86_400.0), min_size=1, max_size=900, unique=True),
    st.lists(st.integers(0, 900), max_size=6),
)
def test_thinning_step_by_step_is_thinning_at_once(times_s: list[float], cuts: list[int]) -> None:
    found = rows(sorted(times_s))
    at_once = extended(RunCurves(), found)
    edges = [0, *sorted(cut % len(found) for cut in cuts), len(found)]
    stepwise = RunCurves()
    for begin, end in pairwise(edges):
        # The last row's span is read again, as from the store.
        stepwise = extended(stepwise, found[max(0, begin - 1) : end])
    assert stepwise == at_once
    assert len(at_once.rows) <= MOST_ROWS
    assert at_once.rows[0].time_s == found[0].time_s
    assert [row.time_s for row in at_once.rows] == sorted(row.time_s for row in at_once.rows)


def test_a_long_run_keeps_at_least_half_of_the_rows() -> None:
    found = extended(RunCurves(), rows([10.0 * number for number in range(20_000)]))
    assert MOST_ROWS / 2 < len(found.rows) <= MOST_ROWS
    assert found.width_s == 512.0


def test_a_span_has_the_first_value_of_each_series() -> None:
    late = Row(BEGAN_S + 0.05, 20, 2.0, {SUCCESS: 0.2, REWARD: 7.0})
    found = extended(RunCurves(), [Row(BEGAN_S, 10, 1.0, {SUCCESS: 0.1}), late])
    assert found.width_s == FINEST_S
    assert found.rows == (Row(BEGAN_S, 10, 1.0, {SUCCESS: 0.1, REWARD: 7.0}),)


def test_what_a_rollback_discarded_is_not_kept() -> None:
    curves = extended(
        RunCurves(),
        rows([1.0, 2.0, 3.0, 4.0, 5.0], steps=[100, 200, 300, 150, 250]),
        gates=[Passed(BEGAN_S + 0.5, 1, 50, 0.5), Passed(BEGAN_S + 2.5, 2, 220, 2.5)],
        rollbacks=[WentBack(BEGAN_S + 3.5, 100)],
    )
    assert [point.timesteps for point in curves.points(SUCCESS)] == [100, 200, 300, 150, 250]
    kept = curves.kept()
    assert [point.timesteps for point in kept.points(SUCCESS)] == [100, 150, 250]
    assert [gate.stage for gate in kept.gates] == [1]
    assert kept.rollbacks == curves.rollbacks


def test_curves_are_stored_and_read(tmp_path: Path) -> None:
    run = RunPaths(tmp_path)
    assert read_curves(run) is None
    curves = extended(
        RunCurves(),
        rows([1.0, 2.5, 4.0]),
        gates=[Passed(BEGAN_S, 1, 50, 0.5)],
        rollbacks=[WentBack(BEGAN_S, 100)],
    )
    write_curves(run, curves)
    assert read_curves(run) == curves
    assert run.curves.stat().st_mode & 0o777 == 0o600
    write_curves(run, RunCurves())
    assert read_curves(run) == RunCurves()


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-20],
        lambda content: b"\xff" + content,
        lambda content: content.replace(b'"format":1', b'"format":2'),
        lambda content: content.replace(b'"timesteps":[0,', b'"timesteps":['),
        lambda _: b"",
    ],
)
def test_a_damaged_file_is_no_curves(tmp_path: Path, change: object) -> None:
    run = RunPaths(tmp_path)
    write_curves(run, extended(RunCurves(), rows([1.0, 2.0])))
    content = run.curves.read_bytes()
    assert callable(change)
    changed = change(content)
    assert changed != content
    run.curves.write_bytes(changed)
    assert read_curves(run) is None


def test_a_full_file_is_small(tmp_path: Path) -> None:
    run = RunPaths(tmp_path)
    write_curves(run, extended(RunCurves(), rows([2.0 * number for number in range(2000)])))
    assert run.curves.stat().st_size < 40_000
    assert msgspec.json.decode(run.curves.read_bytes())["values"].keys() == {SUCCESS, REWARD}
