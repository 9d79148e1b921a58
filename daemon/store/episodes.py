"""Training episodes: how many ended how in each minute, and the newest failed ones of each cause.

At full speed some hundred episodes end in a second, so only a bounded number is kept in full:
KEPT for each run, stage and cause.
"""

from __future__ import annotations

import sqlite3

import msgspec

from daemon.protocol.trainer import EpisodesEnded, FailedEpisode, OutcomeCount
from daemon.store.connection import StoreConnection
from daemon.store.retention import KEEP_S

KEPT = 200
MINUTE_S = 60
# In a damaged store a column may hold any type.
_CountRow = tuple[int, str, int]


class StoredEpisode(FailedEpisode, frozen=True, kw_only=True):
    """A failed episode, and the Unix time of its report."""

    time_s: float


class EpisodeReader(StoreConnection):
    """Reads training episodes. Times are Unix seconds."""

    def outcomes(
        self, run_id: str, *, stage: int | None, since_s: float, until_s: float
    ) -> list[OutcomeCount]:
        """The numbers of a run's episodes by stage and outcome, to the minute."""
        with self._reading():
            rows = self._connection.execute(
                "SELECT stage, outcome, sum(count) FROM episode_counts WHERE run_id = ? "
                "AND minute BETWEEN ? AND ? AND ifnull(stage = ?, 1) GROUP BY stage, outcome",
                (run_id, since_s // MINUTE_S, until_s // MINUTE_S, stage),
            ).fetchall()
            return [OutcomeCount(*row) for row in msgspec.convert(rows, list[_CountRow])]

    def failed_episodes(
        self,
        run_id: str,
        *,
        stage: int | None,
        cause: str | None,
        since_s: float,
        until_s: float,
        limit: int,
    ) -> list[StoredEpisode]:
        """At most `limit` of a run's newest failed episodes, in the order of their ends."""
        with self._reading():
            rows = self._connection.execute(
                "SELECT body FROM failed_episodes WHERE run_id = ? AND time_s BETWEEN ? AND ? "
                "AND ifnull(stage = ?, 1) AND ifnull(cause = ?, 1) ORDER BY id DESC LIMIT ?",
                (run_id, since_s, until_s, stage, cause, limit),
            ).fetchall()
            return [
                msgspec.json.decode(body, type=StoredEpisode)
                for (body,) in reversed(msgspec.convert(rows, list[tuple[str]]))
            ]

    def check_episodes(self) -> None:
        """Read all of them. Raises StoreError."""
        with self._reading():
            rows = self._connection.execute(
                "SELECT run_id FROM failed_episodes UNION SELECT run_id FROM episode_counts"
            ).fetchall()
            runs = msgspec.convert(rows, list[tuple[str]])
        for (run_id,) in runs:
            self.outcomes(run_id, stage=None, since_s=0.0, until_s=1e12)
            self.failed_episodes(
                run_id, stage=None, cause=None, since_s=0.0, until_s=1e12, limit=-1
            )


def write_episodes(connection: sqlite3.Connection, run_id: str, ended: EpisodesEnded) -> None:
    """Add a report, and remove the oldest failed episodes beyond KEPT. Raises sqlite3.Error."""
    connection.executemany(
        "INSERT INTO episode_counts (run_id, minute, stage, outcome, count) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET count = count + excluded.count",
        [
            (run_id, int(ended.time_s // MINUTE_S), one.stage, one.outcome, one.count)
            for one in ended.counts
        ],
    )
    connection.executemany(
        "INSERT INTO failed_episodes (run_id, time_s, stage, cause, body) VALUES (?, ?, ?, ?, ?)",
        [
            (run_id, ended.time_s, one.stage, one.cause, _body(one, ended.time_s))
            for one in ended.failed
        ],
    )
    of_cause = "run_id = ? AND stage = ? AND cause = ?"
    for stage, cause in {(one.stage, one.cause) for one in ended.failed}:
        values = (run_id, stage, cause)
        connection.execute(
            f"DELETE FROM failed_episodes WHERE {of_cause} AND id <= (SELECT id FROM "
            f"failed_episodes WHERE {of_cause} ORDER BY id DESC LIMIT 1 OFFSET {KEPT})",
            (*values, *values),
        )


def remove_old_episodes(connection: sqlite3.Connection, now_s: float) -> None:
    """Apply the samples' retention by age as of `now_s` (Unix). Raises sqlite3.Error."""
    oldest_s = now_s - KEEP_S
    connection.execute("DELETE FROM failed_episodes WHERE time_s < ?", (oldest_s,))
    connection.execute("DELETE FROM episode_counts WHERE minute < ?", (oldest_s // MINUTE_S,))


def _body(episode: FailedEpisode, time_s: float) -> str:
    return msgspec.json.encode(
        StoredEpisode(**msgspec.structs.asdict(episode), time_s=time_s)
    ).decode()
