"""Which trials are listed, in which order, in which columns."""

from __future__ import annotations

from itertools import pairwise

import pytest

from daemon.sweeps.records import TrialState
from daemon.sweeps.spec.schema import (
    Limits,
    Objective,
    Parameter,
    SeedSettings,
    SweepSpec,
)
from landerctl.operations.sweeps.status import TrialRow
from landerctl.tui.sweeps.arranged import Arrangement, arranged
from landerctl.tui.sweeps.columns import Column, columns, fitted, line, title_spans

SPEC = SweepSpec(
    limits=Limits(steps=100_000),
    parameters=[
        Parameter(setting="ppo.learning_rate", values=[1e-3, 1e-4]),
        Parameter(setting="dqn.learning_rate", values=[1e-3]),
        Parameter(setting="run.algorithm", values=["ppo", "dqn"]),
    ],
    seeds=SeedSettings(count=2),
    objectives=[Objective(metric="steps_to_gate", gate=2, direction="minimize")],
)


def row(number: int, value: float | None, state: TrialState, **values: object) -> TrialRow:
    return TrialRow(
        number=number,
        group=number,
        values=values,
        seed=1 + number % 2,
        state=state,
        steps=number * 10_000,
        rung_steps=100_000,
        objectives={} if value is None else {"steps_to_gate": value},
        steps_per_s=None,
        left_s=None,
        reason="stopped at 50k: 3rd of 3" if state is TrialState.STOPPED else "",
        parent=None,
        run_id="",
        place="",
    )


ROWS = [
    row(0, None, TrialState.WAITING),
    row(1, 90_000.0, TrialState.STOPPED, **{"run.algorithm": "ppo", "ppo.learning_rate": 1e-3}),
    row(2, 40_000.0, TrialState.COMPLETED, **{"run.algorithm": "dqn", "dqn.learning_rate": 1e-3}),
    row(3, 60_000.0, TrialState.RUNNING, **{"run.algorithm": "ppo", "ppo.learning_rate": 1e-4}),
]
COLUMNS = columns(SPEC)


def at(title: str) -> int:
    return [column.title for column in COLUMNS].index(title)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Arrangement(), [2, 3, 1, 0]),  # the fewest steps to the gate first
        (Arrangement(reverse=True), [1, 3, 2, 0]),  # one without a value is last either way
        (Arrangement(at("TRIAL")), [0, 1, 2, 3]),
        (Arrangement(at("STEPS")), [3, 2, 1, 0]),
        (Arrangement(at("STATE")), [3, 0, 2, 1]),
        (Arrangement(at("ALGORITHM")), [2, 1, 3, 0]),
        (Arrangement(at("PPO.LEARNING_RATE")), [3, 1, 0, 2]),
        (Arrangement(words="ppo"), [3, 1]),
        (Arrangement(words="learning_rate=0.0001 RUNNING"), [3]),
        (Arrangement(words="3rd"), [1]),
        (Arrangement(words="nothing"), []),
    ],
)
def test_order_and_filter(wanted: Arrangement, numbers: list[int]) -> None:
    assert [one.number for one in arranged(ROWS, wanted, COLUMNS)] == numbers


def test_the_same_column_again_reverses() -> None:
    wanted = Arrangement().by(3).by(3)
    assert (wanted.column, wanted.reverse) == (3, True)
    assert not wanted.by(2).reverse


def shown(width: int) -> tuple[list[str], list[str]]:
    found = fitted(COLUMNS, ROWS, width)
    return [column.title for column, _ in found], [line(found, one) for one in ROWS]


def test_columns_that_fit_and_the_reasons_where_there_is_room() -> None:
    titles, lines = shown(76)
    assert titles[:4] == ["TRIAL", "STEPS TO GATE 2", "STATE", "STEPS"]
    assert all(len(text) <= 76 for text in lines)
    titles, lines = shown(160)
    assert titles[-1] == "WHY"
    assert "3rd of 3" in lines[1]
    assert "40,000" in lines[2]
    assert "━" in lines[3]
    assert "running" in lines[3]
    assert all(len(text) == 160 for text in lines)


def test_every_width_holds() -> None:
    for width in range(1, 200):
        assert all(len(text) <= width for text in shown(width)[1])


def test_a_click_finds_its_column() -> None:
    spans = list(title_spans(fitted(COLUMNS, ROWS, 120)))
    names: list[Column] = [column for column, _, _ in spans]
    assert [column.title for column in names][:2] == ["TRIAL", "STEPS TO GATE 2"]
    assert all(end <= start for (_, _, end), (_, start, _) in pairwise(spans))
