"""A run's curves as a comparison draws them: the run's own, and before a fork its parents'."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Literal

import msgspec

from daemon.base.paths import RunPaths, StatePaths
from daemon.runs.curves import Point, RunCurves, read_curves
from daemon.runs.metadata import Parent, read_metadata
from daemon.runs.run_folder import find_run
from daemon.store.reader import StoreReader
from daemon.store.run_curves import caught_up

MOST_PARENTS = 20  # a chain of forks that ends in itself ends here
Over = Literal["steps", "hours"]


class RunLines(msgspec.Struct, frozen=True, kw_only=True):
    """What led to a run's newest state. `inherited`: of the parents, up to the fork."""

    own: RunCurves
    inherited: RunCurves


class Line(msgspec.Struct, frozen=True):
    """A part of a curve. `xs`: million environment steps, or hours trained."""

    xs: tuple[float, ...]
    values: tuple[float, ...]
    inherited: bool


def load_curves(store: StoreReader | None, run: RunPaths) -> RunCurves:
    """The run's recorded curves, extended by what the store has. Raises OSError, StoreError."""
    known = read_curves(run) or RunCurves()
    return known if store is None else caught_up(store, run.id, known, time.time())


def load_lines(paths: StatePaths, store: StoreReader | None, run: RunPaths) -> RunLines:
    """A run's curves and those before its fork. Raises OSError, StoreError."""
    rows, gates = [], []
    for ancestor, parent, forked_s in _ancestry(paths, run):
        curves = _until(load_curves(store, ancestor), forked_s).kept()
        rows.append([row for row in curves.rows if row.timesteps <= parent.timesteps])
        gates.append([gate for gate in curves.gates if gate.timesteps <= parent.timesteps])
    return RunLines(
        own=load_curves(store, run).kept(),
        inherited=RunCurves(
            rows=tuple(row for part in reversed(rows) for row in part),
            gates=tuple(gate for part in reversed(gates) for gate in part),
        ),
    )


def lines_of(run: RunLines, series: str, over: Over) -> list[Line]:
    """The parts of a run's curve that have points: the inherited one first."""
    inherited, own = run.inherited.points(series), run.own.points(series)
    # The run's part begins where its parent's ends.
    parts = [(inherited, True), ([*inherited[-1:], *own], False)] if own else [(inherited, True)]
    return [_line(points, over, inherited=before) for points, before in parts if points]


def place(point: Point, over: Over) -> float:
    """Where a point is on the horizontal axis."""
    return point.timesteps / 1e6 if over == "steps" else point.trained_s / 3600.0


def _line(points: list[Point], over: Over, *, inherited: bool) -> Line:
    return Line(
        tuple(place(point, over) for point in points),
        tuple(point.value for point in points),
        inherited,
    )


def _ancestry(paths: StatePaths, run: RunPaths) -> Iterator[tuple[RunPaths, Parent, float]]:
    """Each ancestor that still exists, with the state and the time (Unix) of the fork from it."""
    for _ in range(MOST_PARENTS):
        metadata = read_metadata(run)
        if metadata.parent is None:
            return
        ancestor = find_run(paths, metadata.parent.run_id)
        if ancestor is None:
            return
        yield ancestor, metadata.parent, metadata.created_s
        run = ancestor


def _until(curves: RunCurves, time_s: float) -> RunCurves:
    return msgspec.structs.replace(
        curves,
        rows=tuple(row for row in curves.rows if row.time_s <= time_s),
        gates=tuple(gate for gate in curves.gates if gate.time_s <= time_s),
    )
