"""Reads a comparison of runs for its page, again when something of it changed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from daemon.base.paths import StatePaths
from daemon.runs.run_folder import find_run
from landerctl.operations.compare.comparison import Comparison, compare
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.data.stamp import Stamp, stamp

TRAINED_INTERVAL_S = 15.0  # a run that is trained is compared again after this time


class CompareReader:
    """Called in the feed's thread. `monotonic` returns a monotonic time in seconds."""

    def __init__(
        self, paths: StatePaths, run_ids: Sequence[str], monotonic: Callable[[], float]
    ) -> None:
        self._paths = paths
        self._run_ids = tuple(run_ids)
        self._monotonic = monotonic
        self._due_s = -math.inf
        self._known: tuple[Stamp, Comparison] | None = None

    def read(self, snapshot: Snapshot) -> Comparison:
        """The comparison as of now. Raises StoreError, and OSError: also for a removed run."""
        runs = []
        for run_id in self._run_ids:
            if (run := find_run(self._paths, run_id)) is None:
                raise FileNotFoundError(f"Run {run_id} was removed: compare others")
            runs.append(run)
        now = stamp(*(path for run in runs for path in (run.folder, run.evaluations)))
        trained = snapshot.status.run if snapshot.training else None
        due = (
            trained is not None and trained.id in self._run_ids and self._monotonic() >= self._due_s
        )
        if self._known is None or self._known[0] != now or due:
            self._known = now, compare(self._paths, runs)
            self._due_s = self._monotonic() + TRAINED_INTERVAL_S
        return self._known[1]
