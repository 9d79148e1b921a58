"""Reads from the store how training episodes ended, and the newest that failed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from daemon.base.paths import StatePaths
from daemon.protocol.trainer import OutcomeCount
from daemon.store.episodes import StoredEpisode
from daemon.store.reader import StoreReader
from landerctl.tui.data.snapshot import Snapshot

SHOWN = 100  # newest failed episodes
INTERVAL_S = 5.0  # the counts are of all minutes of the run: not read more often
SPAN_S = 3600.0  # of the counts "last hour"


@dataclass(frozen=True)
class FailedEpisodes:
    """How the run's training episodes ended, and the newest failed ones, newest first."""

    counts: tuple[OutcomeCount, ...] = ()  # as long as the store keeps them
    recent: tuple[OutcomeCount, ...] = ()  # of the last SPAN_S
    newest: tuple[StoredEpisode, ...] = ()


class FailedReader:
    """Reads them at most every INTERVAL_S. Called in the feed's thread."""

    def __init__(self, paths: StatePaths) -> None:
        self._paths = paths
        self._read_for: tuple[str | None, float] = (None, -math.inf)
        self._last = FailedEpisodes()

    def read(self, snapshot: Snapshot) -> FailedEpisodes:
        """Those of the snapshot's run until its time. Raises StoreError."""
        run = snapshot.status.run
        if run is None:
            return FailedEpisodes()
        until_s = snapshot.read_s
        run_id, read_s = self._read_for
        if run_id == run.id and 0.0 <= until_s - read_s < INTERVAL_S:
            return self._last
        with StoreReader.open(self._paths.store) as store:
            self._last = FailedEpisodes(
                tuple(store.outcomes(run.id, stage=None, since_s=0.0, until_s=until_s)),
                tuple(
                    store.outcomes(run.id, stage=None, since_s=until_s - SPAN_S, until_s=until_s)
                ),
                tuple(
                    reversed(
                        store.failed_episodes(
                            run.id,
                            stage=None,
                            cause=None,
                            since_s=0.0,
                            until_s=until_s,
                            limit=SHOWN,
                        )
                    )
                ),
            )
        self._read_for = run.id, until_s
        return self._last
