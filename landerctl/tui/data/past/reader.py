"""Reads a snapshot of the past: the run as it was at a moment, as far as that is recorded."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from checks.rules.alerts import firing_alerts
from daemon.backup.catalog import backup_directory, scan
from daemon.backup.record import RECORD, read_backup
from daemon.backup.restoring.restorable import Restorable, restorables
from daemon.backup.retention.prune_journal import Pruned, read_journal
from daemon.base.identity import lock_is_held
from daemon.base.paths import StatePaths
from daemon.base.text.one_line import printable
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import MANIFEST, read_manifest
from daemon.config import Config, ConfigError, Stage, find_config, load_config
from daemon.runs.run_folder import read_run_config
from daemon.store.past import PastStatus, read_past
from daemon.store.reader import StoreReader
from daemon.store.records import Event, Sample, Status
from daemon.store.retention import KEEP_S, THIN_AFTER_S, THINNED_INTERVAL_S
from landerctl.tui.data.past.existed import EVENTS, existing, removed_since
from landerctl.tui.data.past.travel import Travel, arrive
from landerctl.tui.data.plotted import MAX_POINTS, Plotted, Wanted
from landerctl.tui.data.reader import MAX_EVENTS, SERIES
from landerctl.tui.data.records import RecordCache
from landerctl.tui.data.situation import Situation, assess
from landerctl.tui.data.snapshot import Past, Snapshot

MOST_CHECKPOINT_EVENTS = 6_000


class PastReader:
    """Takes snapshots of earlier moments of one state folder. Not thread-safe.

    `now` returns Unix time in seconds. Nothing is kept between two snapshots but manifests.
    """

    def __init__(
        self, paths: StatePaths, config_path: Path | None, *, now: Callable[[], float]
    ) -> None:
        self._paths = paths
        self._config_path = config_path
        self._now = now
        self._manifests = RecordCache(MANIFEST, read_manifest)
        self._backups = RecordCache(RECORD, read_backup)

    def arrive(self, at_s: float | None, travel: Travel) -> float | None:
        """Where `travel` leads from `at_s`; None: now.

        Raises NothingRecordedError and StoreError.
        """
        with StoreReader.open(self._paths.store) as store:
            return arrive(store, at_s, travel, self._now())

    def read(self, at_s: float, wanted: Wanted) -> Snapshot:
        """The snapshot of `at_s` (Unix), with the wanted series. Raises StoreError and OSError."""
        until_s = math.nextafter(at_s, math.inf)
        with StoreReader.open(self._paths.store) as store:
            present = printable(store.status())
            config = self._load_config(present)
            past = read_past(
                store,
                at_s,
                present=present,
                rules=config.alerts,
                stages_of=self._stages,
                runs_now=lock_is_held(self._paths),
            )
            status = printable(past.status)
            run_id = status.run.id if status.run else None
            began_s = status.run.created_s if status.run else 0.0
            events = store.events(limit=MAX_EVENTS, until_s=at_s, routine=False)
            gates: list[Event] = []
            saved: list[Event] = []
            marks: list[Event] = []
            plotted = Plotted()
            if run_id is not None:
                gates = store.events(names=["stage.passed"], run_id=run_id, until_s=at_s)
                saved = store.events(
                    names=EVENTS, run_id=run_id, until_s=at_s, limit=MOST_CHECKPOINT_EVENTS
                )
                plotted = plotted_until(store, wanted, began_s, until_s)
                if wanted.marks:
                    marks = store.events(names=wanted.marks, run_id=run_id, until_s=at_s)
        found, pruned = self._list(run_id, config) if run_id else ([], [])
        return Snapshot(
            read_s=at_s,
            situation=situation_then(past, self._paths.log),
            at_s=at_s,
            past=Past(
                now_s=self._now(),
                resolution=resolution(self._now() - at_s, config.resources.interval_s),
                not_recorded=past.not_recorded,
                firing_now=tuple(alert.name for alert in firing_alerts(present.alerts)),
                removed=removed_since(saved, pruned, found, at_s),
            ),
            status=status,
            stages=self._stages(run_id) if run_id else (),
            events=tuple(map(printable, events)),
            gates_passed=tuple(map(printable, gates)),
            series=plotted.series,
            finer=plotted.finer,
            marks=tuple(map(printable, marks)),
            restorables=existing(reversed(found), at_s),
            backups=backup_directory(config, self._paths),
            rules=tuple(map(printable, config.alerts)),
            targets=tuple(map(printable, config.notify.targets)),
            tui=config.tui,
            read_only=config.tui.read_only,
        )

    def _list(self, run_id: str, config: Config) -> tuple[list[Restorable], list[Pruned]]:
        backups = backup_directory(config, self._paths)
        checkpoints = list_checkpoints(self._paths.run(run_id).checkpoints, self._manifests)
        copies = scan(backups, run_id, self._backups)
        self._manifests.keep({manifest.id for manifest in checkpoints.whole})
        self._backups.keep({backup.id for backup in copies.whole})
        return restorables(run_id, checkpoints, copies), read_journal(backups, run_id)

    def _stages(self, run_id: str) -> tuple[Stage, ...]:
        try:
            return tuple(read_run_config(self._paths.run(run_id)).curriculum.stages)
        except (OSError, ConfigError):
            return ()

    def _load_config(self, present: Status) -> Config:
        recorded = present.daemon.config_path if present.daemon else None
        try:
            return load_config(
                find_config(self._config_path, self._paths.home, os.environ, recorded=recorded)
            ).config
        except ConfigError:
            return load_config(None).config


def plotted_until(store: StoreReader, wanted: Wanted, began_s: float, until_s: float) -> Plotted:
    """The series that the plots and panels need, between two times (Unix, s)."""

    def read(name: str, since_s: float, before_s: float) -> tuple[Sample, ...]:
        found = store.series(name, since_s=since_s, until_s=before_s, max_points=MAX_POINTS)
        return tuple(found)

    return Plotted(
        {name: read(name, began_s, until_s) for name in {*SERIES, *wanted.series}},
        {
            (since_s, end_s): {name: read(name, since_s, min(end_s, until_s)) for name in names}
            for (since_s, end_s), names in wanted.windows.items()
        },
    )


def situation_then(past: PastStatus, log: Path) -> Situation:
    """The daemon's state at that moment, without advice for it."""
    then = assess(
        past.status,
        fault=None,
        lock_held=past.uptime.running == "running",
        orphaned=False,
        now_s=past.at_s,
        stale_after_s=math.inf,
        silent=False,
        log=log,
    )
    return replace(then, advice="")


def resolution(age_s: float, interval_s: float) -> str:
    """How often there are samples of a time `age_s` ago; `interval_s`: of the machine's samples."""
    if age_s > KEEP_S:
        return "no samples any more, events only"
    if age_s > THIN_AFTER_S:
        return f"samples each {max(THINNED_INTERVAL_S, interval_s):g} s"
    return f"samples each {interval_s:g} s"
