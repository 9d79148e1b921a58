"""Reading samples: whole series, a few points of them, and single ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from daemon.store.connection import StoreConnection
from daemon.store.records import Sample

_OF_SERIES = "series_id = (SELECT id FROM series WHERE name = :name)"
_SERIES = (
    f"SELECT time_s, timesteps, value FROM samples WHERE {_OF_SERIES} AND time_s >= :since "
    "AND time_s < :until ORDER BY time_s LIMIT :limit"
)
# From the first sample on, each next one that is at least a step later; and the last. Each is one
# index look-up, so the time does not grow with the length of the series.
_SPREAD = f"""
WITH RECURSIVE
    bounds (first_s, last_s) AS (SELECT
        (SELECT min(time_s) FROM samples WHERE {_OF_SERIES} AND time_s >= :since),
        (SELECT max(time_s) FROM samples WHERE {_OF_SERIES} AND time_s < :until)
    ),
    step (step_s) AS (SELECT (last_s - first_s) / :most FROM bounds),
    spread (time_s) AS (
        SELECT first_s FROM bounds
        UNION ALL
        SELECT (
            SELECT min(time_s) FROM samples WHERE {_OF_SERIES} AND time_s >= spread.time_s + step_s
        )
        FROM spread, step, bounds WHERE spread.time_s + step_s <= last_s
        LIMIT :most
    )
SELECT time_s, timesteps, value FROM samples
WHERE {_OF_SERIES} AND time_s IN (SELECT time_s FROM spread UNION SELECT last_s FROM bounds)
ORDER BY time_s
"""


class Session(NamedTuple):
    """The samples from `began_s` (Unix) on, to the next session's start, are of this run."""

    began_s: float
    run_id: str


class Window(NamedTuple):
    """What was sampled in a span of time that began at `since_s` (Unix)."""

    since_s: float
    mean: float
    largest: float


# In a damaged store a column may hold any type.
_SampleRow = tuple[float, int | None, float | None]


class SampleReader(StoreConnection):
    """Reads samples."""

    def series(
        self,
        name: str,
        *,
        since_s: float = 0.0,
        until_s: float = math.inf,
        max_points: int | None = None,
    ) -> list[Sample]:
        """The samples of a series from `since_s` (Unix) on and before `until_s`, ascending in time.

        With `max_points` (2 or more) at most that many, evenly spread over the time and including
        the last; found by as many index look-ups.
        """
        asked: dict[str, object] = {"name": name, "since": since_s, "until": until_s}
        with self._reading(), self._snapshot():
            if max_points is None:
                rows = self._connection.execute(_SERIES, asked | {"limit": -1}).fetchall()
            else:
                asked["limit"] = max_points + 1
                rows = self._connection.execute(_SERIES, asked).fetchall()
                if len(rows) > max_points:
                    asked["most"] = max_points - 1
                    rows = self._connection.execute(_SPREAD, asked).fetchall()
            return [_to_sample(row) for row in msgspec.convert(rows, list[_SampleRow])]

    def sessions(self) -> list[Session]:
        """All sessions, ascending in time."""
        with self._reading():
            rows = self._connection.execute(
                "SELECT began_s, run_id FROM sessions ORDER BY began_s"
            ).fetchall()
            return [Session(*row) for row in msgspec.convert(rows, list[tuple[float, str]])]

    def samples_of_run(
        self, name: str, run_id: str, *, since_s: float = 0.0, until_s: float = math.inf
    ) -> list[Sample]:
        """A run's samples of a series between two times (Unix), ascending in time."""
        return [
            sample
            for began_s, end_s in spans_of(self.sessions(), run_id)
            for sample in self.series(
                name, since_s=max(since_s, began_s), until_s=min(until_s, end_s)
            )
        ]

    def newest_of_run(
        self, name: str, run_id: str, *, since_s: float = 0.0, until_s: float = math.inf
    ) -> Sample | None:
        """The newest of `samples_of_run`; None if there is none."""
        for began_s, end_s in reversed(spans_of(self.sessions(), run_id)):
            asked = {"name": name, "since": max(since_s, began_s), "until": min(until_s, end_s)}
            found = self._sample("AND time_s >= :since AND time_s < :until", "DESC", asked)
            if found is not None:
                return found
        return None

    def newest(self, name: str) -> Sample | None:
        """The newest sample of a series; None if it has none."""
        return self._sample("", "DESC", {"name": name})

    def last_sample(
        self,
        name: str,
        *,
        since_s: float,
        until_s: float,
        above: float | None = None,
        below: float | None = None,
    ) -> Sample | None:
        """The newest sample of a series between two times (Unix), optionally `above` or `below` a
        value.
        """
        asked = {"name": name, "since": since_s, "until": until_s, "above": above, "below": below}
        condition = "" if above is None else "AND value > :above"
        condition += "" if below is None else " AND value < :below"
        return self._sample(f"AND time_s BETWEEN :since AND :until {condition}", "DESC", asked)

    def first_sample(self, name: str, *, since_s: float, at_least: float) -> Sample | None:
        """The first sample of a series since a time (Unix) with a value of `at_least`."""
        asked = {"name": name, "since": since_s, "least": at_least}
        return self._sample("AND time_s >= :since AND value >= :least", "ASC", asked)

    def mean(self, name: str, *, since_s: float, until_s: float) -> float | None:
        """The mean of a series between two times (Unix); None if there is no sample."""
        with self._reading():
            (value,) = self._connection.execute(
                f"SELECT avg(value) FROM samples WHERE {_OF_SERIES} "
                "AND time_s >= :since AND time_s < :until",
                {"name": name, "since": since_s, "until": until_s},
            ).fetchone()
        return None if value is None else float(value)

    def windows(self, name: str, *, since_s: float, until_s: float, width_s: float) -> list[Window]:
        """A series over the whole spans of `width_s` between two times (Unix), ascending.

        Spans without a finite sample are omitted.
        """
        whole = math.floor((until_s - since_s) / width_s)
        with self._reading():
            rows = self._connection.execute(
                "SELECT CAST((time_s - :since) / :width AS INTEGER) AS number, avg(value), "
                f"max(value) FROM samples WHERE {_OF_SERIES} AND time_s >= :since "
                "AND time_s < :until AND value IS NOT NULL GROUP BY number ORDER BY number",
                {
                    "name": name,
                    "since": since_s,
                    "until": since_s + whole * width_s,
                    "width": width_s,
                },
            ).fetchall()
            return [
                Window(since_s + number * width_s, mean, largest)
                for number, mean, largest in msgspec.convert(rows, list[tuple[int, float, float]])
            ]

    def first_of_each(
        self, name: str, *, since_s: float, until_s: float, width_s: float
    ) -> list[Sample]:
        """The first finite sample of each span of `width_s`, counted from 1970, ascending in time.

        Between two times (Unix), `until_s` excluded.
        """
        with self._reading():
            # With min() the other columns are those of its row (sqlite.org/lang_select.html).
            rows = self._connection.execute(
                f"SELECT min(time_s), timesteps, value FROM samples WHERE {_OF_SERIES} "
                "AND time_s >= :since AND time_s < :until AND abs(value) < 1e308 "
                "GROUP BY CAST(time_s / :width AS INTEGER) ORDER BY 1",
                {"name": name, "since": since_s, "until": until_s, "width": width_s},
            ).fetchall()
            return [_to_sample(row) for row in msgspec.convert(rows, list[_SampleRow])]

    def extremes(self, name: str, *, since_s: float) -> tuple[float, float] | None:
        """The smallest and the largest finite value since a time (Unix); None if there is none."""
        with self._reading():
            row = self._connection.execute(
                f"SELECT min(value), max(value) FROM samples WHERE {_OF_SERIES} "
                "AND time_s >= :since",
                {"name": name, "since": since_s},
            ).fetchone()
            return None if row[0] is None else msgspec.convert(row, tuple[float, float])

    def _sample(self, condition: str, order: str, asked: Mapping[str, object]) -> Sample | None:
        with self._reading():
            row = self._connection.execute(
                f"SELECT time_s, timesteps, value FROM samples WHERE {_OF_SERIES} {condition} "
                f"ORDER BY time_s {order} LIMIT 1",
                asked,
            ).fetchone()
            return None if row is None else _to_sample(msgspec.convert(row, _SampleRow))

    def sample_names(self) -> list[str]:
        """The names of all series that have a sample, sorted."""
        with self._reading():
            rows = self._connection.execute(
                "SELECT name FROM series WHERE EXISTS "
                "(SELECT 1 FROM samples WHERE series_id = series.id) ORDER BY name"
            ).fetchall()
            return [name for (name,) in msgspec.convert(rows, list[tuple[str]])]


def spans_of(sessions: list[Session], run_id: str) -> list[tuple[float, float]]:
    """The times (Unix) from and before which samples are of this run; `sessions` ascend."""
    begins_s = [*(session.began_s for session in sessions), math.inf]
    return [
        (session.began_s, end_s)
        for session, end_s in zip(sessions, begins_s[1:], strict=True)
        if session.run_id == run_id and session.began_s < end_s
    ]


def _to_sample(row: _SampleRow) -> Sample:
    time_s, timesteps, value = row
    return Sample(time_s, timesteps, math.nan if value is None else value)
