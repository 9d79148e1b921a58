"""Reads a snapshot of the past: the run as it was at a moment, as far as that is recorded."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from checks.rules.alerts import firing_alerts
from daemon.backup.catalog import backup_directory, scan
from daemon.backup.record import RECORD, read_backup
from daemon.backup.restoring.restorable import Restorable, restorables
from daemon.backup.retention.prune_journal import Pruned, read_journal
from daemon.base.identity import lock_is_held
from daemon.base.paths import RunPaths, StatePaths
from daemon.base.text.one_line import printable
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import MANIFEST, read_manifest
from daemon.config import Config, ConfigError, Stage, find_sources, load_config
from daemon.plugins.loading import load_with_plugins
from daemon.runs.curves import read_curves
from daemon.runs.metadata import read_metadata, shown_name
from daemon.runs.run_folder import find_run, read_run_config
from daemon.store.past import PastStatus, read_past
from daemon.store.reader import StoreMissingError, StoreReader
from daemon.store.records import Event, RunRecord, Sample, Status
from daemon.store.retention import KEEP_S, THIN_AFTER_S, THINNED_INTERVAL_S
from landerctl.tui.data.past.existed import EVENTS, existing, removed_since
from landerctl.tui.data.past.travel import NothingRecordedError, ToRun, Travel, arrive
from landerctl.tui.data.plotted import Plotted, Wanted, run_spans, series_in
from landerctl.tui.data.reader import MAX_EVENTS, SERIES
from landerctl.tui.data.records import RecordCache
from landerctl.tui.data.situation import Daemon, Level, Situation, assess
from landerctl.tui.data.snapshot import NO_STATUS, Past, Snapshot

MOST_CHECKPOINT_EVENTS = 6_000
# Of a run that the store knows nothing of.
FOLDER_HAS_NOT = ("progress", "resources", "alerts")
NOT_TRAINED_HERE = Situation(Daemon.STOPPED, Level.NONE, "", "", None)


class PastReader:
    """Takes snapshots of earlier moments of one state folder. Not thread-safe.

    `now` returns Unix time in seconds. Nothing is kept between two snapshots but manifests.
    """

    def __init__(
        self, paths: StatePaths, config_files: Sequence[Path], *, now: Callable[[], float]
    ) -> None:
        self._paths = paths
        self._config_files = config_files
        self._now = now
        self._manifests = RecordCache(MANIFEST, read_manifest)
        self._backups = RecordCache(RECORD, read_backup)

    def arrive(self, at_s: float | None, travel: Travel) -> float | None:
        """Where `travel` leads from `at_s`; None: now.

        Raises NothingRecordedError and StoreError.
        """
        try:
            with StoreReader.open(self._paths.store) as store:
                return arrive(store, at_s, travel, self._now())
        except (NothingRecordedError, StoreMissingError):
            # A run's folder says enough to show it: it was imported, or is older than the records.
            if isinstance(travel, ToRun) and (run := find_run(self._paths, travel.run_id)):
                return end_of_folder(run)
            raise

    def read(self, at_s: float, wanted: Wanted, opened: str | None = None) -> Snapshot:
        """The snapshot of `at_s` (Unix), with the wanted series. Raises StoreError and OSError.

        `opened`: the id of the run to show, of which that is the last moment; else the run that was
        trained then.
        """
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
            status, not_recorded = printable(past.status), past.not_recorded
            situation = situation_then(past, self._paths.log)
            recorded = opened is None or (status.run is not None and status.run.id == opened)
            if opened is not None and not recorded:
                status = status_of_folder(self._paths.run(opened))
                situation, not_recorded = NOT_TRAINED_HERE, FOLDER_HAS_NOT
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
                plotted = Plotted(dict.fromkeys({*SERIES, *wanted.series}, ()))
                if recorded:
                    plotted = plotted_until(store, wanted, run_id, began_s, until_s)
                if opened is not None:
                    plotted = with_curves(plotted, self._paths.run(opened))
                if wanted.marks:
                    marks = store.events(names=wanted.marks, run_id=run_id, until_s=at_s)
        found, pruned = self._list(run_id, config) if run_id else ([], [])
        return Snapshot(
            read_s=at_s,
            situation=situation,
            at_s=at_s,
            past=Past(
                now_s=self._now(),
                resolution=resolution(self._now() - at_s, config.resources.interval_s),
                not_recorded=not_recorded,
                firing_now=tuple(alert.name for alert in firing_alerts(present.alerts)),
                removed=removed_since(saved, pruned, found, at_s),
                of_opened_run=opened is not None,
                other_run=run_id is not None and (present.run is None or present.run.id != run_id),
            ),
            status=status,
            run_name=shown_name(self._paths.run(run_id)) if run_id is not None else "",
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
        recorded = present.daemon.sources if present.daemon else None
        try:
            return load_with_plugins(
                find_sources(self._config_files, self._paths.home, os.environ, recorded=recorded)
            ).config
        except ConfigError:
            return load_config(None).config


def end_of_folder(run: RunPaths) -> float:
    """The last moment (Unix) that a run's folder records. Raises OSError."""
    checkpoints = list_checkpoints(run.checkpoints).whole
    return max([read_metadata(run).created_s, *(one.created_s for one in checkpoints)])


def status_of_folder(run: RunPaths) -> Status:
    """What a run's folder says of it. Raises OSError."""
    created_s = read_metadata(run).created_s
    try:
        settings = read_run_config(run).run
    except ConfigError:
        record = RunRecord(run.id, created_s, "unknown", "unknown", 0)
    else:
        record = RunRecord(
            run.id,
            created_s,
            settings.mode,
            settings.algorithm,
            settings.n_envs,
            settings.warm_start,
        )
    return msgspec.structs.replace(NO_STATUS, run=record)


def plotted_until(
    store: StoreReader, wanted: Wanted, run_id: str, began_s: float, until_s: float
) -> Plotted:
    """The series of a run that the plots and panels need, between two times (Unix, s)."""
    spans = run_spans(store, run_id, began_s)

    def read(name: str, since_s: float, before_s: float) -> tuple[Sample, ...]:
        return tuple(series_in(store, name, spans, (since_s, before_s)))

    return Plotted(
        {name: read(name, began_s, until_s) for name in {*SERIES, *wanted.series}},
        {
            (since_s, end_s): {name: read(name, since_s, min(end_s, until_s)) for name in names}
            for (since_s, end_s), names in wanted.windows.items()
        },
    )


def with_curves(plotted: Plotted, run: RunPaths) -> Plotted:
    """What the store no longer has of a run's series, by its curves. Raises OSError."""
    missing = [name for name, samples in plotted.series.items() if not samples]
    curves = read_curves(run) if missing else None
    if curves is None:
        return plotted
    kept = {
        name: tuple(
            Sample(point.time_s, point.timesteps, point.value) for point in curves.points(name)
        )
        for name in missing
    }
    return replace(plotted, series={**plotted.series, **kept})


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
