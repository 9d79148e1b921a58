"""Reads one sweep for its page: its store when that changed, curves of the trials plotted."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from daemon.base.paths import RunPaths, StatePaths
from daemon.base.text.one_line import one_line, printable
from daemon.config import ConfigError
from daemon.runs.run_folder import find_run
from daemon.store.reader import StoreError, StoreMissingError, StoreReader
from daemon.sweeps.creation import read_spec
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import ENDED, Decision, Leg, Note, Trial
from daemon.sweeps.search.propose import total_trials
from daemon.sweeps.spec.schema import SweepSpec
from daemon.sweeps.store.sweep_store import SweepStore, SweepStoreError
from landerctl.failure import Failure
from landerctl.operations.compare.lines import RunLines, load_lines
from landerctl.operations.sweeps.find import all_sweeps
from landerctl.operations.sweeps.running import (
    coordinator_pid,
    coordinator_runs,
    engine_name,
)
from landerctl.operations.sweeps.status import build_status
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.data.stamp import Stamp, stamp
from landerctl.tui.sweeps.records import FoundSweeps, Sweep, SweepName

LOOK_INTERVAL_S = 10.0  # at other sweeps; and for what only the time changes: elapsed, left
CURVES_INTERVAL_S = 5.0  # a trial that is trained has new points each second
# A large sweep takes long to read: beyond QUICK_S it may take this share of one core.
QUICK_S, SHARE = 0.03, 0.05


class _Read(NamedTuple):
    """What was last read of the shown sweep's store."""

    sweep: SweepPaths
    spec: SweepSpec
    trials: list[Trial]
    legs: list[Leg]
    decisions: list[Decision]
    notes: list[Note]


class SweepReader:
    """Called in the feed's thread.

    `now` returns Unix time, `monotonic` a monotonic time, `cpu` the CPU time of this thread, in s.
    """

    def __init__(
        self,
        paths: StatePaths,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        cpu: Callable[[], float] = time.thread_time,
    ) -> None:
        self._paths = paths
        self._now = now
        self._monotonic = monotonic
        self._cpu = cpu
        # Both set by the screen's thread.
        self.chosen: str | None = None  # None: the newest sweep
        self.plotted: Sequence[int] = ()
        self._names: tuple[SweepName, ...] = ()
        self._sweeps: list[SweepPaths] = []
        self._names_due_s = -math.inf
        self._read: _Read | None = None
        self._stamp: Stamp = ()
        self._read_due_s = self._status_due_s = -math.inf
        self._running: bool | None = None
        self._sweep: Sweep | None = None
        self._curves: dict[int, tuple[Stamp, float, RunLines | None]] = {}
        self._last = FoundSweeps()

    def read(self, snapshot: Snapshot) -> FoundSweeps:
        """The sweeps as they are now, whatever time the snapshot shows.

        The same object while nothing of it changed. Raises StoreError, OSError.
        """
        try:
            self._look()
            shown = self._shown()
            if shown is None:
                self._read = self._sweep = None
            else:
                self._read_sweep(shown)
        except (SweepStoreError, Failure, ConfigError) as error:
            raise StoreError(one_line(str(error))) from None
        plotted = tuple(self.plotted)
        curves = {number: lines for number in plotted if (lines := self._lines(number)) is not None}
        last = self._last
        same_curves = list(curves) == list(last.curves) and all(
            last.curves[number] is lines for number, lines in curves.items()
        )
        if self._names is not last.names or self._sweep is not last.sweep or not same_curves:
            self._last = FoundSweeps(self._names, self._sweep, curves)
        return self._last

    def home(self, trial: Trial) -> StatePaths | None:
        """The state folder of a trial, where it is on this machine."""
        if self._read is None:
            return None
        return home_of(self._read.sweep, trial)

    def _look(self) -> None:
        """List the sweeps, now and then, and when one is asked for that is not listed."""
        known = {sweep.id for sweep in self._sweeps}
        if self._monotonic() < self._names_due_s and (self.chosen is None or self.chosen in known):
            return
        self._names_due_s = self._monotonic() + LOOK_INTERVAL_S
        self._sweeps = all_sweeps(self._paths)
        names = tuple(SweepName(sweep.id, _words(sweep)) for sweep in self._sweeps)
        if names != self._names:
            self._names = names

    def _shown(self) -> SweepPaths | None:
        """The chosen sweep, else the newest."""
        chosen = (sweep for sweep in self._sweeps if sweep.id == self.chosen)
        return next(chosen, self._sweeps[0] if self._sweeps else None)

    def _read_sweep(self, sweep: SweepPaths) -> None:
        now = stamp(sweep.store, sweep.store.with_name(f"{sweep.store.name}-wal"))
        running = coordinator_runs(sweep)
        before = self._read if self._read is not None and self._read.sweep == sweep else None
        monotonic_s = self._monotonic()
        new = before is None or (now != self._stamp and monotonic_s >= self._read_due_s)
        aged = running and monotonic_s >= self._status_due_s
        if not (new or aged or running != self._running):
            return
        began_s = self._cpu()
        if new:
            spec = read_spec(sweep) if before is None else before.spec
            began_s = self._cpu()
            self._read = _read_store(sweep, spec, before)
        if before is None:
            self._curves.clear()
        assert self._read is not None
        self._sweep = _sweep(self._read, running, self._now())
        self._running = running
        took_s = self._cpu() - began_s
        pause_s = took_s / SHARE if took_s > QUICK_S else 0.0
        self._status_due_s = self._monotonic() + max(LOOK_INTERVAL_S, pause_s)
        if new:
            self._stamp = now
            self._read_due_s = self._monotonic() + pause_s

    def _lines(self, number: int) -> RunLines | None:
        """A trial's curves; None where there are none on this machine."""
        trial = None if self._sweep is None else self._sweep.trials.get(number)
        home = None if trial is None else self.home(trial)
        if trial is None or home is None:
            return None
        known = self._curves.get(number)
        if known is not None and self._monotonic() < known[1]:
            return known[2]
        run = find_run(home, trial.run_id)
        now = stamp(home.store, home.store.with_name(f"{home.store.name}-wal"))
        lines = known[2] if known is not None else None
        if run is not None and (known is None or known[0] != now):
            new = _load(home, run)
            lines = lines if new == lines else new  # the same ones: they are not drawn again
        due_s = self._monotonic() + (LOOK_INTERVAL_S if trial.state in ENDED else CURVES_INTERVAL_S)
        self._curves[number] = now, due_s, lines
        return lines


def home_of(sweep: SweepPaths, trial: Trial) -> StatePaths | None:
    """The state folder of a trial; None where it is not on this machine, or not there yet."""
    own = sweep.trial(trial.number)
    for home in (own, StatePaths(Path(trial.place))) if trial.place.startswith("/") else (own,):
        if home.home.is_dir():
            return home
    return None


def _read_store(sweep: SweepPaths, spec: SweepSpec, before: _Read | None) -> _Read:
    """Everything, of legs and decisions only what is new. Raises SweepStoreError."""
    legs = [] if before is None else before.legs
    decisions = [] if before is None else before.decisions
    with SweepStore.open(sweep.store) as store:
        last = decisions[-1].number if decisions else -1
        return _Read(
            sweep,
            spec,
            list(map(_printable, store.trials())),
            [*legs, *store.legs(after=len(legs))],
            [*decisions, *map(printable, store.decisions(after=last))],
            list(map(printable, store.notes())),
        )


def _printable(trial: Trial) -> Trial:
    """Its texts as `one_line`; nearly always they are."""
    texts = (trial.reason, trial.place, trial.run_id)
    return trial if all(map(str.isprintable, texts)) else printable(trial)


def _sweep(read: _Read, running: bool, now_s: float) -> Sweep:
    status = build_status(
        read.sweep,
        read.spec,
        read.trials,
        read.legs,
        read.notes,
        total=total_trials(read.spec),
        pid=(coordinator_pid(read.sweep) or 0) if running else None,
        engine=engine_name(read.sweep),
        now_s=now_s,
        most=None,
    )
    legs: dict[int, list[Leg]] = defaultdict(list)
    for leg in read.legs:
        legs[leg.trial].append(leg)
    decisions: dict[int, list[Decision]] = defaultdict(list)
    for decision in read.decisions:
        decisions[decision.trial].append(decision)
    return Sweep(
        spec=read.spec,
        status=status,
        rows={row.number: row for row in status.trials},
        trials={trial.number: trial for trial in read.trials},
        legs=dict(legs),
        decisions=dict(decisions),
    )


def _words(sweep: SweepPaths) -> str:
    """``running, 3 completed, 5 running``. Raises SweepStoreError."""
    with SweepStore.open(sweep.store) as store:
        counts = store.counts()
    state = "running" if coordinator_runs(sweep) else "not running"
    trials = ", ".join(f"{count} {state}" for state, count in counts.items())
    return f"{state}; trials: {trials or 'none yet'}"


def _load(home: StatePaths, run: RunPaths) -> RunLines | None:
    """The recorded curves; None where they cannot be read: the trial is about to begin."""
    try:
        with StoreReader.open(home.store) as store:
            return load_lines(home, store, run)
    except StoreMissingError:
        return load_lines(home, None, run)
    except (StoreError, OSError):
        return None
