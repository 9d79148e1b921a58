"""A sweep as a table for other programs: a row a leg."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

from daemon.base.files import write_atomically
from daemon.base.text.one_line import one_line
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import Leg, Trial
from daemon.sweeps.store.sweep_store import SweepStore, SweepStoreError
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.tables.formats import require_format

ExportFormat = Literal["csv", "parquet"]
Columns = Mapping[str, Sequence[Any]]


def write_export(sweep: SweepPaths, kind: ExportFormat, path: Path) -> int:
    """Write the table and return how many rows it has. Raises Failure; then nothing is written."""
    require_format(kind)
    try:
        with SweepStore.open(sweep.store) as store, store.snapshot():
            columns = table(store.trials(), store.legs())
    except SweepStoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None
    try:
        write_atomically(path, _WRITERS[kind](columns))
    except OSError as error:
        text = f"{error.filename or path}: {os.strerror(error.errno or 0)}"
        raise Failure(f"{text}; name another file", Exit.CANNOT_WRITE) from None
    return len(columns["trial"])


def table(trials: Sequence[Trial], legs: Sequence[Leg]) -> Columns:
    """The columns, each with a value a row: by trial, then by steps; None: there is none. Pure.

    A trial without a leg has one row without steps. Each parameter and each objective has a column.
    """
    parameters = dict.fromkeys(name for trial in trials for name in trial.values)
    objectives = dict.fromkeys(name for leg in legs for name in leg.values)
    ended: dict[int, list[Leg | None]] = {}
    for leg in sorted(legs, key=lambda one: one.steps):
        ended.setdefault(leg.trial, []).append(leg)
    rows = [(trial, leg) for trial in trials for leg in ended.get(trial.number, [None])]

    def of_leg(read: Callable[[Leg], Any]) -> list[Any]:
        return [None if leg is None else read(leg) for _, leg in rows]

    return {
        "trial": [trial.number for trial, _ in rows],
        "group": [trial.group for trial, _ in rows],
        "seed": [trial.seed for trial, _ in rows],
        "parent": [trial.parent for trial, _ in rows],
        **{name: [trial.values.get(name) for trial, _ in rows] for name in parameters},
        "state": [str(trial.state) for trial, _ in rows],
        "reason": [one_line(trial.reason) for trial, _ in rows],
        "steps": of_leg(lambda leg: leg.steps),
        **{name: of_leg(partial(_value, name)) for name in objectives},
        "running_s": of_leg(lambda leg: leg.running_s),
        "time_s": of_leg(lambda leg: leg.time_s),
        "machine": of_leg(lambda leg: one_line(leg.machine)),
    }


def _value(name: str, leg: Leg) -> float | None:
    return leg.values.get(name)


def _csv(columns: Columns) -> bytes:
    """RFC 4180, in UTF-8; what is missing is empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(zip(*map(_uniform, columns.values()), strict=True))
    return text.getvalue().encode()


def _parquet(columns: Columns) -> bytes:
    import pyarrow  # noqa: PLC0415 - an extra, and for those who want it
    import pyarrow.parquet  # noqa: PLC0415

    content = io.BytesIO()
    uniform = {name: _uniform(values) for name, values in columns.items()}
    pyarrow.parquet.write_table(pyarrow.table(uniform), content)
    return content.getvalue()


_WRITERS: Mapping[ExportFormat, Callable[[Columns], bytes]] = {"csv": _csv, "parquet": _parquet}


def _uniform(values: Sequence[Any]) -> Sequence[Any]:
    """Values of one kind as they are: numbers, texts, truth values; a mix, or lists, as JSON."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        return [None if value is None else float(value) for value in values]
    if len(kinds) <= 1 and kinds <= {bool, int, float, str}:
        return values
    return [None if value is None else json.dumps(value) for value in values]
