"""Samples that a reader has not had yet, and how many there are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from daemon.store.reader import StoreReader

Span = tuple[float, float]  # Unix times, the second one excluded


class NamedSample(NamedTuple):
    """A sample and its series. `timesteps` is None for metrics that are not of the training."""

    name: str
    time_s: float
    timesteps: int | None
    value: float


@dataclass(frozen=True)
class Rest:
    """What a reader has not had yet."""

    count: int
    since_s: float | None  # time (Unix) of the oldest; None: there is none


# In a damaged store a column may hold any type.
_Row = tuple[float, int | None, float | None]


class TailReader(StoreReader):
    """Reads the samples after those of a cursor: of each series the time (Unix) of the last one.

    Within a series samples are written in the order of time; between two series they are not.
    """

    def samples_after(
        self,
        cursor: Mapping[str, float],
        spans: Sequence[Span],
        *,
        wanted: Callable[[str], bool],
        limit: int,
    ) -> list[NamedSample]:
        """The next samples within the spans (ascending), in the order of time; empty at the end.

        At most `limit` of each series; no sample is older than one that a later call returns,
        unless it was written later.
        """
        with self._reading(), self._snapshot():
            series = self._series_ids(wanted)
            for began_s, until_s in spans:
                found: list[NamedSample] = []
                complete_s = math.inf  # until here every series is in `found`
                for name, series_id in series:
                    rows = self._connection.execute(
                        "SELECT time_s, timesteps, value FROM samples WHERE series_id = ? AND "
                        "time_s > ? AND time_s < ? ORDER BY time_s LIMIT ?",
                        (series_id, _after(cursor, name, began_s), until_s, limit),
                    ).fetchall()
                    for time_s, timesteps, value in msgspec.convert(rows, list[_Row]):
                        number = math.nan if value is None else value
                        found.append(NamedSample(name, time_s, timesteps, number))
                    if len(rows) == limit:
                        complete_s = min(complete_s, found[-1].time_s)
                if found:
                    due = [sample for sample in found if sample.time_s <= complete_s]
                    return sorted(due, key=lambda sample: (sample.time_s, sample.name))
        return []

    def rest_after(
        self,
        cursor: Mapping[str, float],
        spans: Sequence[Span],
        *,
        wanted: Callable[[str], bool],
        until_s: float = math.inf,
    ) -> Rest:
        """How many samples within the spans and before `until_s` are after the cursor."""
        count, oldest = 0, math.inf
        with self._reading(), self._snapshot():
            for name, series_id in self._series_ids(wanted):
                for began_s, end_s in spans:
                    row = self._connection.execute(
                        "SELECT count(*), min(time_s) FROM samples WHERE series_id = ? AND "
                        "time_s > ? AND time_s < ?",
                        (series_id, _after(cursor, name, began_s), min(end_s, until_s)),
                    ).fetchone()
                    number, first_s = msgspec.convert(row, tuple[int, float | None])
                    count += number
                    oldest = min(oldest, math.inf if first_s is None else first_s)
        return Rest(count, None if count == 0 else oldest)

    def _series_ids(self, wanted: Callable[[str], bool]) -> list[tuple[str, int]]:
        rows = self._connection.execute("SELECT name, id FROM series ORDER BY name").fetchall()
        return [row for row in msgspec.convert(rows, list[tuple[str, int]]) if wanted(row[0])]


def _after(cursor: Mapping[str, float], name: str, began_s: float) -> float:
    """The time after which samples are due: one at the span's start itself is."""
    return max(cursor.get(name, -math.inf), math.nextafter(began_s, -math.inf))
