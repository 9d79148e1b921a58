"""The columns of the list of trials. Each is what trials can be sorted by. Pure.

A cell's text is made when it is drawn: of 10,000 trials a screen shows fifty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

from checks.wording import short_number
from daemon.sweeps.records import TrialState
from daemon.sweeps.spec.schema import Objective, SweepSpec
from landerctl.operations.sweeps.status import TrialRow, short_value
from landerctl.tui.format import coarse_duration, shorten
from landerctl.tui.sweeps.figures import NONE, objective_text, objective_title, speed_text

GAP = 2
_VALUE_CELLS = 14  # at most, of a setting's column
_BAR_CELLS = 8
_STEPS_CELLS = 5  # 12.3M
_LEAST_REASON_CELLS = 14
_STATES = (
    TrialState.RUNNING,
    TrialState.PAUSED,
    TrialState.WAITING,
    TrialState.COMPLETED,
    TrialState.STOPPED,
    TrialState.FAILED,
)


@dataclass(frozen=True)
class Column:
    """A column. `rank`: what is sorted by, the first one first; None: always last."""

    title: str
    text: Callable[[TrialRow], str]
    rank: Callable[[TrialRow], Any]
    right: bool = False
    most: int = 99  # cells
    fixed: int = 0  # cells, of a column whose texts are all as long
    spare: bool = False  # only where there is room for the reasons too

    def width(self, rows: Sequence[TrialRow]) -> int:
        """The cells that it needs."""
        if self.fixed:
            return max(self.fixed, len(self.title))
        texts = {self.text(row) for row in rows}
        return min(self.most, max(map(cell_len, (self.title, *texts))))

    def cell(self, text: str, width: int) -> str:
        """A text of this column in `width` cells."""
        text = shorten(text, width)
        padding = " " * (width - cell_len(text))
        return padding + text if self.right else text + padding


Fitted = Sequence[tuple[Column, int]]  # the columns that fit, with their cells


def columns(spec: SweepSpec) -> list[Column]:
    """All columns, the most important first; the reasons take what room is left."""
    names = [parameter.setting for parameter in spec.parameters]
    found = [
        Column("TRIAL", lambda row: str(row.number), lambda row: row.number, right=True),
        *(_objective(objective) for objective in spec.objectives),
        Column("STATE", lambda row: row.state.value, lambda row: _STATES.index(row.state), fixed=9),
        Column(
            "STEPS",
            lambda row: _steps(row, spec.limits.steps),
            lambda row: -row.steps,
            fixed=_STEPS_CELLS + 1 + _BAR_CELLS,
        ),
        *(_setting(name, title) for name, title in zip(names, _titles(names), strict=True)),
    ]
    if spec.seeds.count > 1 or not names:
        found.append(Column("SEED", lambda row: str(row.seed), lambda row: row.seed, right=True))
    found += [
        Column(
            "SPEED",
            lambda row: speed_text(row.steps_per_s),
            lambda row: None if row.steps_per_s is None else -row.steps_per_s,
            right=True,
            fixed=7,
            spare=True,
        ),
        Column(
            "LEFT",
            lambda row: NONE if row.left_s is None else coarse_duration(row.left_s),
            lambda row: row.left_s,
            right=True,
            fixed=6,
            spare=True,
        ),
    ]
    found.append(Column("WHY", lambda row: row.reason, lambda row: row.reason or None, fixed=3))
    return found


def fitted(all_: Sequence[Column], rows: Sequence[TrialRow], width: int) -> Fitted:
    """The columns that fit into `width` cells, in order; the last one gets what is left."""
    shown: list[tuple[Column, int]] = []
    *others, why = all_
    room = width
    for column in others:
        wanted = column.width(rows)
        needed = wanted + (GAP + _LEAST_REASON_CELLS if column.spare else 0)
        if needed <= room:
            shown.append((column, wanted))
            room -= wanted + GAP
    if room >= _LEAST_REASON_CELLS:
        shown.append((why, room))
    return shown


def line(shown: Fitted, row: TrialRow) -> str:
    """A trial's line."""
    return (" " * GAP).join(column.cell(column.text(row), cells) for column, cells in shown)


def title_spans(shown: Fitted) -> Iterator[tuple[Column, int, int]]:
    """Each column, with the first cell of it and the first behind it."""
    at = 0
    for column, cells in shown:
        yield column, at, at + cells
        at += cells + GAP


def _objective(objective: Objective) -> Column:
    sign = -1.0 if objective.direction == "maximize" else 1.0

    def rank(row: TrialRow) -> float | None:
        value = row.objectives.get(objective.metric)
        return None if value is None else sign * value

    return Column(
        objective_title(objective).upper(),
        lambda row: objective_text(objective, row.objectives.get(objective.metric)),
        rank,
        right=True,
        most=15,
    )


def _setting(name: str, title: str) -> Column:
    def text(row: TrialRow) -> str:
        return short_value(row.values[name]) if name in row.values else NONE

    def rank(row: TrialRow) -> tuple[bool, Any] | None:
        value = row.values.get(name)
        if value is None:
            return None
        is_number = isinstance(value, int | float)
        return not is_number, value if is_number else str(value)

    return Column(title.upper(), text, rank, right=True, most=_VALUE_CELLS)


def _titles(names: Sequence[str]) -> Iterator[str]:
    """A setting by its last word where that means one of them."""
    words = [name.rpartition(".")[2] for name in names]
    for name, word in zip(names, words, strict=True):
        yield word if words.count(word) == 1 else name


def _steps(row: TrialRow, limit: int) -> str:
    """How far it is, drawn and as a figure."""
    filled = min(_BAR_CELLS, round(row.steps / max(1, limit) * _BAR_CELLS))
    bar = "━" * filled + "─" * (_BAR_CELLS - filled)
    return f"{short_number(row.steps):>{_STEPS_CELLS}} {bar}"
