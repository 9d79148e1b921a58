"""Reads the list of runs for its page: each run once, then only those whose files changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from daemon.base.paths import RunPaths, StatePaths
from daemon.base.text.one_line import one_line, printable
from daemon.config import Config, ConfigError, load_config
from daemon.config.differing import differing
from daemon.runs.run_folder import all_runs, current_run, read_run_config
from landerctl.operations.runs.summary import RunSummary, summarize_run
from landerctl.tui.data.snapshot import Snapshot

# A look at 500 runs takes some 10 ms; the current one is looked at with each snapshot.
LOOK_INTERVAL_S = 5.0
_Stamp = tuple[tuple[int, int], ...]  # inode and time of change in ns


@dataclass(frozen=True)
class FoundRuns:
    """All runs, in ascending order of the ids."""

    runs: tuple[RunSummary, ...]
    current_id: str | None
    # Of one run, by its id, the settings that are not the defaults.
    differing: tuple[str, tuple[str, ...]] | None = None


class RunsReader:
    """Called in the feed's thread. `monotonic` returns a monotonic time in seconds."""

    def __init__(self, paths: StatePaths, monotonic: Callable[[], float]) -> None:
        self._paths = paths
        self._monotonic = monotonic
        self.selected: str | None = None  # whose settings are read; set by the screen's thread
        self._defaults: Config | None = None
        self._due_s = 0.0
        self._known: dict[str, tuple[_Stamp, RunSummary]] = {}
        self._last = FoundRuns((), None)

    def read(self, snapshot: Snapshot) -> FoundRuns:
        """The runs as they are now, whatever time the snapshot shows. Raises OSError."""
        current = current_run(self._paths)
        current_id = None if current is None else current.id
        if self._monotonic() >= self._due_s or current_id != self._last.current_id:
            found = [self._summary(run, current_id) for run in all_runs(self._paths)]
            self._known = {run.id: self._known[run.id] for run in found}
            self._due_s = self._monotonic() + LOOK_INTERVAL_S
        else:
            found = list(self._last.runs)
            if current is not None and current.id in self._known:
                changed = self._summary(current, current_id)
                found = [changed if run.id == changed.id else run for run in found]
        # The same tuple while no run changed: the page need not draw them again.
        runs = self._last.runs if tuple(found) == self._last.runs else tuple(found)
        now = FoundRuns(runs, current_id, self._differing())
        if now != self._last:
            self._last = now
        return self._last

    def _differing(self) -> tuple[str, tuple[str, ...]] | None:
        """Those of the selected run; a run's configuration never changes."""
        selected, known = self.selected, self._last.differing
        if selected is None or (known is not None and known[0] == selected):
            return known
        try:
            config = read_run_config(self._paths.run(selected))
        except ConfigError as error:
            return selected, (str(error),)
        if self._defaults is None:
            self._defaults = load_config(None).config
        found = differing(config, self._defaults)
        return selected, tuple(one_line(f"{name}: {text}") for name, text in found.items())

    def _summary(self, run: RunPaths, current_id: str | None) -> RunSummary:
        is_current = run.id == current_id
        now = _stamp(run)
        known = self._known.get(run.id)
        if known is None or known[0] != now or known[1].current != is_current:
            known = now, printable(summarize_run(run, current=is_current))
            self._known[run.id] = known
        return known[1]


def _stamp(run: RunPaths) -> _Stamp:
    """What changes when a checkpoint is saved or removed, and when the run's files are replaced."""
    folder = str(run.folder)
    return tuple(map(_changed, (folder, f"{folder}/checkpoints")))


def _changed(path: str) -> tuple[int, int]:
    try:
        stat = os.stat(path)  # noqa: PTH116  another Path doubles the time
    except OSError:
        return 0, 0
    return stat.st_ino, stat.st_mtime_ns
