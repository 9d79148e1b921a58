"""Reading many series side by side, a row a time, in memory that their length does not grow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from daemon.store.connection import StoreConnection

WINDOW_S = 3600.0  # so much is held at once: some megabytes even with a sample of each a second
_FIRST = (
    "SELECT min(time_s) FROM samples WHERE series_id = (SELECT id FROM series WHERE name = ?) "
    "AND time_s >= ?"
)
_WINDOW = (
    "SELECT time_s, timesteps, value FROM samples "
    "WHERE series_id = (SELECT id FROM series WHERE name = ?) AND time_s >= ? AND time_s < ?"
)
# In a damaged store a column may hold any type.
_SampleRow = tuple[float, int | None, float | None]


class WideRow(NamedTuple):
    """What was sampled at a time (Unix): a value for each name asked for, None where there is
    none. `timesteps` is None if only metrics that are not of the training were.
    """

    time_s: float
    timesteps: int | None
    values: list[float | None]


class WideSampleReader(StoreConnection):
    """Reads samples as a table."""

    def wide(self, names: Sequence[str], *, since_s: float, until_s: float) -> Iterator[WideRow]:
        """The rows from `since_s` (Unix) on and before `until_s`, ascending in time.

        Read an hour at a time, each in a transaction of its own, so that a long reading holds up no
        writer.
        """
        begin_s = self._first_s(names, since_s)
        while begin_s is not None and begin_s < until_s:
            end_s = begin_s + WINDOW_S
            rows = self._window(names, begin_s, min(end_s, until_s))
            yield from rows
            # A gap of months is crossed at once.
            begin_s = end_s if rows else self._first_s(names, end_s)

    def _first_s(self, names: Sequence[str], since_s: float) -> float | None:
        with self._reading():
            found = [
                self._connection.execute(_FIRST, (name, since_s)).fetchone()[0] for name in names
            ]
            times_s = msgspec.convert(found, list[float | None])
        return min((time_s for time_s in times_s if time_s is not None), default=None)

    def _window(self, names: Sequence[str], since_s: float, until_s: float) -> list[WideRow]:
        rows: dict[float, WideRow] = {}
        with self._reading(), self._snapshot():
            for column, name in enumerate(names):
                found = self._connection.execute(_WINDOW, (name, since_s, until_s)).fetchall()
                for time_s, timesteps, value in msgspec.convert(found, list[_SampleRow]):
                    row = rows.get(time_s)
                    if row is None:
                        row = rows[time_s] = WideRow(time_s, timesteps, [None] * len(names))
                    elif row.timesteps is None and timesteps is not None:
                        row = rows[time_s] = row._replace(timesteps=timesteps)
                    row.values[column] = math.nan if value is None else value
        return [rows[time_s] for time_s in sorted(rows)]
