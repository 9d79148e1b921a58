"""A run's `curves.json`: its main series, thinned, kept as long as the run.

The store has every sample for some hours and none after 30 days. This file has a row for each span
of time in which the run trained: the spans, counted from 1970, are as wide as needed for at most
MOST_ROWS rows, a power of two of seconds. A row has the first value of each series in its span, so
that extending the file step by step gives the same rows as thinning all samples at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal, TypeVar

import msgspec

from daemon.base.files import write_atomically
from daemon.base.malformed import MALFORMED
from daemon.base.paths import RunPaths

MOST_ROWS = 512
FINEST_S = 2.0**-3
# At each of these there is a row: it has environment steps, and is sampled with each iteration.
CLOCK = "time/trained_s"
SUCCESS, REWARD = "episode/success_rate_100", "curriculum/reward_100"
STAGE, DIFFICULTY = "curriculum/current_stage", "curriculum/difficulty"
SPEED = "time/fps"
# What is kept, in the order in which it is offered.
SERIES = (
    SUCCESS,
    REWARD,
    STAGE,
    DIFFICULTY,
    "rollout/success_rate",
    "rollout/ep_rew_mean",
    "rollout/ep_len_mean",
    "landing/touchdown_speed_m_s",
    "landing/distance_m",
    "landing/fuel_left",
    "eval/success_rate",
    "eval/mean_reward",
    "train/approx_kl",
    "train/clip_fraction",
    "train/explained_variance",
    "train/entropy_loss",
    "train/learning_rate",
    "train/std",
    "train/policy_gradient_loss",
    "train/value_loss",
    "train/actor_loss",
    "train/critic_loss",
    "train/ent_coef",
    SPEED,
    "cpu/trainer_percent",
    "memory/trainer_bytes",
)
_DIGITS = 6  # significant ones of a stored value


class Row(msgspec.Struct, frozen=True, array_like=True):
    """What was measured in a span of time. `values`: by series, the finite ones only."""

    time_s: float  # Unix, of the first iteration
    timesteps: int
    trained_s: float
    values: dict[str, float]


class Passed(msgspec.Struct, frozen=True):
    """A gate that was passed; `stage` is counted from 1."""

    time_s: float  # Unix
    stage: int
    timesteps: int
    trained_s: float


class WentBack(msgspec.Struct, frozen=True):
    """A rollback, which went back to `timesteps`."""

    time_s: float  # Unix
    timesteps: int


_Moment = TypeVar("_Moment", Passed, WentBack)


class Point(msgspec.Struct, frozen=True):
    """A value of a series."""

    time_s: float  # Unix
    timesteps: int
    trained_s: float
    value: float


class RunCurves(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `curves.json`. Rows ascend in time; a rollback's have fewer steps again."""

    width_s: float = FINEST_S  # of the spans
    rows: tuple[Row, ...] = ()
    gates: tuple[Passed, ...] = ()  # ascending in time, those that a rollback discarded included
    rollbacks: tuple[WentBack, ...] = ()

    def points(self, series: str) -> list[Point]:
        """The values of a series, ascending in time; none if it was not recorded."""
        return [
            Point(row.time_s, row.timesteps, row.trained_s, value)
            for row in self.rows
            if (value := row.values.get(series)) is not None
        ]

    def kept(self) -> RunCurves:
        """Only what led to the newest state: without what rollbacks and restarts discarded."""
        rows: list[Row] = []
        for row in self.rows:
            while rows and rows[-1].timesteps >= row.timesteps:
                rows.pop()
            rows.append(row)
        gates: list[Passed] = []
        for gate in self.gates:
            back = any(
                gate.time_s < row.time_s and row.timesteps < gate.timesteps for row in self.rows
            )
            if not back:
                gates.append(gate)
        return msgspec.structs.replace(self, rows=tuple(rows), gates=tuple(gates))


class _Columns(msgspec.Struct, kw_only=True):
    """The file: a column a series, null where a row lacks it."""

    format: Literal[1] = 1
    width_s: float
    time_s: list[float]
    timesteps: list[int]
    trained_s: list[float]
    values: dict[str, list[float | None]]
    gates: tuple[Passed, ...] = ()
    rollbacks: tuple[WentBack, ...] = ()


def read_curves(run: RunPaths) -> RunCurves | None:
    """A run's curves; None without a readable file of this format. Raises OSError."""
    try:
        found = msgspec.json.decode(run.curves.read_bytes(), type=_Columns)
        return _from_columns(found)
    except (FileNotFoundError, NotADirectoryError, ValueError, *MALFORMED):
        return None


def write_curves(run: RunPaths, curves: RunCurves) -> None:
    """Replace a run's curves. Raises OSError."""
    write_atomically(run.curves, msgspec.json.encode(_to_columns(curves)) + b"\n")


def extended(
    curves: RunCurves,
    rows: Iterable[Row],
    *,
    gates: Iterable[Passed] = (),
    rollbacks: Iterable[WentBack] = (),
) -> RunCurves:
    """The curves with further rows, the first maybe in the span of the last one; thinned. Pure.

    Gates and rollbacks that are there already are not repeated.
    """
    width_s = curves.width_s
    merged = thinned(sorted((*curves.rows, *rows), key=lambda row: row.time_s), width_s)
    while len(merged) > MOST_ROWS:
        width_s *= 2.0
        merged = thinned(merged, width_s)
    return RunCurves(
        width_s=width_s,
        rows=merged,
        gates=_without_duplicates((*curves.gates, *gates)),
        rollbacks=_without_duplicates((*curves.rollbacks, *rollbacks)),
    )


def thinned(rows: Sequence[Row], width_s: float) -> tuple[Row, ...]:
    """A row for each span of `width_s`, counted from 1970, with the first value of each series."""
    found = []
    for _, span in groupby(rows, key=lambda row: row.time_s // width_s):
        first, *later = span
        values = dict(first.values)
        for row in later:
            values = row.values | values
        found.append(msgspec.structs.replace(first, values=values) if later else first)
    return tuple(found)


def _without_duplicates(found: Iterable[_Moment]) -> tuple[_Moment, ...]:
    return tuple(sorted(dict.fromkeys(found), key=lambda one: one.time_s))


def _to_columns(curves: RunCurves) -> _Columns:
    rows = curves.rows
    names = [name for name in SERIES if any(name in row.values for row in rows)]
    return _Columns(
        width_s=curves.width_s,
        time_s=[row.time_s for row in rows],
        timesteps=[row.timesteps for row in rows],
        trained_s=[round(row.trained_s, 3) for row in rows],
        values={
            name: [_rounded(row.values[name]) if name in row.values else None for row in rows]
            for name in names
        },
        gates=curves.gates,
        rollbacks=curves.rollbacks,
    )


def _from_columns(columns: _Columns) -> RunCurves:
    """Raises ValueError for columns of different lengths."""
    series = [
        {name: value for name, value in zip(columns.values, row, strict=True) if value is not None}
        for row in zip(*columns.values.values(), strict=True)
    ] or [{} for _ in columns.time_s]
    return RunCurves(
        width_s=columns.width_s,
        rows=tuple(
            Row(*row)
            for row in zip(
                columns.time_s, columns.timesteps, columns.trained_s, series, strict=True
            )
        ),
        gates=columns.gates,
        rollbacks=columns.rollbacks,
    )


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
