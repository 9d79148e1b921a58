"""A run's metrics as numpy arrays, from the store and from what the run keeps itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from daemon.base.paths import RunPaths, StatePaths
from daemon.config.judging.explain import suggestion
from daemon.runs.curves import RunCurves, read_curves
from daemon.store.catalogs.metric_catalog import CATALOGUE
from daemon.store.reader import StoreMissingError, StoreReader
from landerctl.api.errors import Error
from landerctl.exitcodes import Exit

_Row = tuple[float, int | None, float]


class Columns(TypedDict):
    """A metric's values, ascending in time: three arrays of the same length.

    ``pandas.DataFrame(columns)`` and ``polars.DataFrame(columns)`` take it as it is.
    """

    time_s: npt.NDArray[np.float64]  # Unix
    timesteps: npt.NDArray[np.float64]  # NaN: the metric is not of the training
    value: npt.NDArray[np.float64]


def read_columns(
    paths: StatePaths,
    run: RunPaths,
    names: Sequence[str] | None,
    since_s: float | None,
    until_s: float | None,
) -> dict[str, Columns]:
    """The columns of these metrics, or of all that the run has, between two times (Unix).

    Empty ones of a metric that was not measured. Raises Error for an unknown name, StoreError,
    OSError.
    """
    begin_s, end_s = since_s or 0.0, math.inf if until_s is None else until_s
    curves = read_curves(run) or RunCurves()
    kept = {name for row in curves.rows for name in row.values}
    known, rows = kept | set(CATALOGUE), dict[str, list[_Row]]()
    try:
        with StoreReader.open(paths.store) as store:
            stored = store.sample_names()
            known |= set(stored)
            for name in stored if names is None else names:
                samples = store.samples_of_run(name, run.id, since_s=begin_s, until_s=end_s)
                rows[name] = [(one.time_s, one.timesteps, one.value) for one in samples]
    except StoreMissingError:
        pass  # the folder of a restored run has none before its first start
    for name in names or ():
        if name not in known:
            text = f"no metric named {name!r}{suggestion(name, known)}; see docs/metrics.md"
            raise Error(text, Exit.NOT_FOUND)
    for name in kept if names is None else names:
        if not rows.get(name):
            points = [one for one in curves.points(name) if begin_s <= one.time_s < end_s]
            rows[name] = [(one.time_s, one.timesteps, one.value) for one in points]
    if names is None:
        names = sorted(name for name, found in rows.items() if found)
    return {name: _columns(rows[name]) for name in names}


def _columns(rows: Sequence[_Row]) -> Columns:
    table = np.array(rows, np.float64).reshape(len(rows), 3)  # None becomes NaN
    time_s, timesteps, value = np.ascontiguousarray(table.T)
    return Columns(time_s=time_s, timesteps=timesteps, value=value)
