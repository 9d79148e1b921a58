"""Samples as a table: a row a time and run, a column a metric."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from daemon.store.reader import StoreReader
from daemon.store.samples import spans_of
from landerctl.operations.tables.table import Cell, Kind, Table


def samples_table(
    reader: StoreReader,
    names: Sequence[str],
    runs: Sequence[str],
    *,
    since_s: float = 0.0,
    until_s: float = math.inf,
) -> Table:
    """The samples of these metrics between two times (Unix), ascending in time.

    `timesteps` has no value in a row with metrics that are not of the training only. Reading the
    rows raises StoreError.
    """
    sessions = reader.sessions()
    spans = sorted(
        (began_s, end_s, run) for run in runs for began_s, end_s in spans_of(sessions, run)
    )

    def rows() -> Iterator[Sequence[Cell]]:
        for began_s, end_s, run in spans:
            found = reader.wide(names, since_s=max(since_s, began_s), until_s=min(until_s, end_s))
            for row in found:
                yield (row.time_s, run, row.timesteps, *row.values)

    columns: dict[str, Kind] = {"time_s": "number", "run_id": "text", "timesteps": "integer"}
    return Table(columns | dict.fromkeys(names, "number"), rows())
