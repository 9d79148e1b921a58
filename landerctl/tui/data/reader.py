"""Reads a state folder into a `Snapshot`. Read-only; needs no running daemon."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from checks.liveness import last_sign_of_life_s
from daemon.backup.catalog import BackupListing, backup_directory, scan
from daemon.backup.record import RECORD, read_backup
from daemon.backup.restoring.restorable import restorables
from daemon.backup.restoring.staging import staged_folder
from daemon.base.identity import flock_is_held, lock_is_held
from daemon.base.paths import StatePaths
from daemon.base.text.one_line import one_line, printable
from daemon.checkpoint.catalog import Listing, list_checkpoints
from daemon.checkpoint.manifest import MANIFEST, DamagedCheckpointError, read_manifest
from daemon.config import ConfigError, Sources, Stage, find_sources, load_config
from daemon.config.schema import AlertRule
from daemon.plugins.loading import load_with_plugins
from daemon.processes.ping import ping
from daemon.rollback.journal import read_journal
from daemon.runs.run_folder import read_run_config
from daemon.store.reader import StoreError, StoreMissingError, StoreReader
from daemon.store.records import Event, Status
from landerctl.operations.sweeps.hint import RunningSweep, running_sweep
from landerctl.tui.data.newest_states import NewestStates
from landerctl.tui.data.plotted import MAX_POINTS, Plotted, PlottedReader, Wanted
from landerctl.tui.data.records import RecordCache
from landerctl.tui.data.rollback import RollbackSeen
from landerctl.tui.data.run_name import RunName
from landerctl.tui.data.situation import Daemon, Level, Situation, assess
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.data.stamp import Listed, Stamp, stamp

SERIES = (
    "episode/success_rate_100",
    "curriculum/reward_100",
    "rollout/ep_len_mean",
    "time/fps",
)
NOT_READ_YET = Situation(Daemon.UNREADABLE, Level.NONE, "", "", None)
MAX_EVENTS = 300
# The supervisor samples every resources.interval_s; after this many missed samples it is silent.
STALE_INTERVALS = 5
ASK_S = 1.0  # then it is asked, and has this time to answer
MIN_STALE_S = 15.0
SERIES_INTERVAL_S, LONGEST_INTERVAL_S = 2.0, 60.0  # by how much of the run is plotted
# What does not change a folder's time (a checkpoint is pinned) is seen after this time.
LISTING_INTERVAL_S = 30.0
CONFIG_INTERVAL_S = 5.0
SWEEP_INTERVAL_S = 5.0
# Of a file's time of change: two writes within it may leave the same.
RESOLUTION_S = 0.1


class SnapshotReader:
    """Takes snapshots of one state folder. Not thread-safe.

    `now` returns Unix time in seconds, `monotonic` a monotonic time in seconds for intervals.
    `read_only`: the screen is, whatever [tui] says.
    """

    def __init__(
        self,
        paths: StatePaths,
        config_files: Sequence[Path],
        *,
        now: Callable[[], float],
        monotonic: Callable[[], float],
        read_only: bool = False,
    ) -> None:
        self._paths = paths
        self._config_files = config_files
        self._now = now
        self._monotonic = monotonic
        self._read_only = read_only
        self._last: Snapshot | None = None
        self._store_stamp: Stamp = ()  # of the store when it was read; empty: read it
        self.wanted = Wanted()  # set by the screen's thread
        self._plotted = PlottedReader()
        self._last_wanted = self.wanted
        self._series_due_s = 0.0
        self._sweep: RunningSweep | None = None
        self._sweep_due_s = -math.inf
        self._series_behind = False  # whether the store was written since they were read
        self._checkpoints: Listed[Listing] = Listed(LISTING_INTERVAL_S)
        self._copies: Listed[BackupListing] = Listed(LISTING_INTERVAL_S)
        self._listed: tuple[Listing, BackupListing] | None = None  # what the snapshot shows
        self._config = load_config(None).config
        self._config_due_s = -math.inf
        self._config_stamp: tuple[Sources, Stamp] | None = None
        self._rules: tuple[AlertRule, ...] = ()
        self._name = RunName(paths)
        self._manifests = RecordCache(MANIFEST, read_manifest)
        self._backups = RecordCache(RECORD, read_backup)
        self._newest_checkpoints, self._newest_backups = NewestStates(), NewestStates()

    def read(self, *, whole: bool = True) -> Snapshot:
        """Take a snapshot. What cannot be read keeps its last value; `situation` says why.

        If not `whole`, what takes a while stays as it was: checkpoints, backups, and the plots.
        """
        snapshot = self._last or Snapshot(self._now(), NOT_READ_YET)
        lock_held = orphaned = False
        fault = None
        try:
            lock_held, snapshot = self._read_lock_and_store(snapshot, whole=whole)
            run = snapshot.status.run
            orphaned = run is not None and flock_is_held(self._paths.run(run.id).lease)
        except (StoreError, OSError) as error:
            fault = one_line(str(error))
            self._store_stamp = ()
        if self._monotonic() >= self._config_due_s:
            self._load_config(snapshot.status)
            self._rules = tuple(map(printable, self._config.alerts))
            self._config_due_s = self._monotonic() + CONFIG_INTERVAL_S
        stale_after_s = max(MIN_STALE_S, STALE_INTERVALS * self._config.resources.interval_s)
        seen_s = last_sign_of_life_s(snapshot.status)
        stale = lock_held and seen_s is not None and self._now() - seen_s > stale_after_s
        situation = assess(
            snapshot.status,
            fault=fault,
            lock_held=lock_held,
            orphaned=orphaned,
            now_s=self._now(),
            stale_after_s=stale_after_s,
            silent=stale and ping(self._paths, ASK_S).answered is False,
            log=self._paths.log,
        )
        run = snapshot.status.run
        self._last = replace(
            self._read_folders(snapshot) if whole else snapshot,
            read_s=self._now(),
            run_name=self._name.read(None if run is None else run.id),
            situation=situation,
            rules=self._rules,
            targets=tuple(map(printable, self._config.notify.targets)),
            tui=self._config.tui,
            rollback=self._read_rollback(snapshot.status),
            sweep=self._read_sweep(),
            read_only=self._read_only or self._config.tui.read_only,
        )
        return self._last

    def _read_sweep(self) -> RunningSweep | None:
        """A sweep that runs here, looked for every SWEEP_INTERVAL_S."""
        if self._monotonic() >= self._sweep_due_s:
            self._sweep = running_sweep(self._paths)
            self._sweep_due_s = self._monotonic() + SWEEP_INTERVAL_S
        return self._sweep

    def _read_rollback(self, status: Status) -> RollbackSeen | None:
        """The last rollback, if it is one of the current run's."""
        try:
            journal = read_journal(self._paths.rollback)
        except (DamagedCheckpointError, OSError):
            return None  # the daemon records a damaged journal, and `landerctl check` says so
        if journal is None or status.run is None or journal.run_id != status.run.id:
            return None
        staged = (staged_folder(self._paths.run(journal.run_id)) / MANIFEST).exists()
        return RollbackSeen(printable(journal), staged, self._config.rollback.watch_s)

    def _read_lock_and_store(self, last: Snapshot, *, whole: bool) -> tuple[bool, Snapshot]:
        # Read again if the lock changed: a daemon that starts or stops between the two
        # reads would look as if it had died.
        held = lock_is_held(self._paths)
        for _ in range(3):
            now = self._stamp_of_store()
            if now and now == self._store_stamp:
                return held, last
            self._store_stamp = now
            try:
                with StoreReader.open(self._paths.store) as store:
                    snapshot = self._read_store(store, last, whole=whole)
            except StoreMissingError:
                snapshot = Snapshot(self._now(), last.situation)
            before, held = held, lock_is_held(self._paths)
            if held == before:
                break
        return held, snapshot

    def _stamp_of_store(self) -> Stamp:
        """State of the store's files; empty if it has to be read whatever its state."""
        store = self._paths.store
        now = stamp(store, store.with_name(f"{store.name}-wal"))
        written_s = max(changed_ns for _, _, changed_ns, _ in now) / 1e9
        just_written = abs(time.time() - written_s) < RESOLUTION_S
        due = self._series_behind and self._monotonic() >= self._series_due_s
        if just_written or due or self.wanted is not self._last_wanted:
            return ()
        return now

    def _read_store(self, store: StoreReader, last: Snapshot, *, whole: bool) -> Snapshot:
        status = printable(store.status())
        run_id = status.run.id if status.run else None
        same_run = last.status.run is not None and last.status.run.id == run_id
        plotted, gates = Plotted(last.series, last.finer, last.marks), last.gates_passed
        wanted = self.wanted
        self._series_behind = not whole or (
            same_run and wanted is self._last_wanted and self._monotonic() < self._series_due_s
        )
        if not self._series_behind:
            since_s = status.run.created_s if status.run else 0.0
            needed = replace(wanted, series=wanted.series | set(SERIES))
            plotted = self._plotted.read(store, needed, run_id, since_s)
            self._last_wanted = wanted
            gates = _printable(store.events(names=["stage.passed"], run_id=run_id))
            # Read again when there is a new point at the plots' width.
            shown_s = self._now() - since_s if status.run else 0.0
            interval_s = min(LONGEST_INTERVAL_S, max(SERIES_INTERVAL_S, shown_s / MAX_POINTS))
            self._series_due_s = self._monotonic() + interval_s
        known = last.events
        if known and _printable(store.events(after_id=known[-1].id - 1, limit=1)) == known[-1:]:
            newer = _printable(store.events(after_id=known[-1].id, routine=False))
            events = (*known, *newer)[-MAX_EVENTS:]
        else:  # the first read, or the store file was replaced
            events = _printable(store.events(limit=MAX_EVENTS, routine=False))
        return replace(
            last,
            status=status,
            stages=last.stages if same_run and last.stages else self._stages(run_id),
            events=events,
            gates_passed=gates,
            series=plotted.series,
            finer=plotted.finer,
            marks=plotted.marks,
        )

    def _stages(self, run_id: str | None) -> tuple[Stage, ...]:
        if run_id is None:
            return ()
        try:
            stages = read_run_config(self._paths.run(run_id)).curriculum.stages
        except (OSError, ConfigError):
            return ()  # the panel falls back to the stage that the trainer reports
        return tuple(map(printable, stages))

    def _load_config(self, status: Status) -> None:
        """Load the configuration if its files changed, or what else it is read from."""
        recorded = status.daemon.sources if status.daemon else None
        try:
            sources = find_sources(
                self._config_files, self._paths.home, os.environ, recorded=recorded
            )
            found = sources, stamp(*map(Path, sources.files))
            if found == self._config_stamp:
                return
            self._config_stamp, self._config = found, load_with_plugins(sources).config
        except ConfigError:
            # The daemon reports what is wrong with the file (config.refused); use the defaults
            # here, but not where they would permit more.
            kept = msgspec.structs.replace(load_config(None).config, tui=self._config.tui)
            self._config_stamp, self._config = None, kept

    def _read_folders(self, snapshot: Snapshot) -> Snapshot:
        """List checkpoints and backups again if a folder changed or after LISTING_INTERVAL_S."""
        record = snapshot.status.run
        run = self._paths.run(record.id) if record else None
        backups = backup_directory(self._config, self._paths)
        if run is None:
            self._listed = None
            return replace(snapshot, restorables=(), damaged=(), backups=backups)
        now_s = self._monotonic()
        try:
            checkpoints = self._checkpoints.get(
                run.checkpoints,
                now_s,
                lambda: list_checkpoints(
                    run.checkpoints, self._manifests, self._newest_checkpoints
                ),
            )
            copies = self._copies.get(
                backups / run.id,
                now_s,
                lambda: scan(backups, run.id, self._backups, self._newest_backups),
            )
        except OSError as error:
            self._listed = None
            return replace(snapshot, restorables=(), damaged=(f"cannot be listed: {error}",))
        if self._listed is not None and self._listed == (checkpoints, copies):
            return snapshot
        self._listed = checkpoints, copies
        self._manifests.keep({manifest.id for manifest in checkpoints.whole})
        self._backups.keep({backup.id for backup in copies.whole})
        damaged = tuple(one_line(reason) for _, reason in (*checkpoints.damaged, *copies.damaged))
        found = tuple(reversed(restorables(run.id, checkpoints, copies)))
        older = max(self._newest_checkpoints.older, self._newest_backups.older)
        return replace(
            snapshot, restorables=found, older_states=older, damaged=damaged, backups=backups
        )


def _printable(events: list[Event]) -> tuple[Event, ...]:
    return tuple(map(printable, events))
