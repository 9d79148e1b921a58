"""What Prometheus gets, by scraping the exporter or by `landerctl metrics push`: its names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.backup.catalog import list_folders
from daemon.backup.record import Backup, is_checkpoint_id, read_backup
from daemon.base.identity import lock_is_held
from daemon.base.paths import StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest, read_manifest
from daemon.store.catalogs.metric_catalog import find_kind
from daemon.store.reader import StoreError, StoreReader
from daemon.store.records import AlertRecord, Status, TrainerStatus

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

PREFIX = "landerctl_"
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_]")


@dataclass(frozen=True)
class Exposed:
    """All that is exposed; what is unknown is left out. Times are Unix seconds."""

    values: Mapping[str, float] = field(default_factory=dict)  # by the names of samples
    alerts: Iterable[AlertRecord] = ()
    daemon_runs: bool = False
    status: Status | None = None
    checkpoint_s: float | None = None  # when the current run's newest intact one was saved
    backup_s: float | None = None  # when its newest backup was made

    def families(self) -> Iterator[Metric]:
        """As prometheus_client takes them, valid in the text format and in OpenMetrics."""
        # Imported here: a daemon without the exporter should not load it.
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily  # noqa: PLC0415

        for name, value in sorted(self.values.items()):
            exported, scale = exported_as(name)
            kind = find_kind(name)
            meaning = f"{name}: {kind.meaning}" if kind else name
            yield GaugeMetricFamily(exported, meaning, value=value * scale)
        firing = GaugeMetricFamily(
            f"{PREFIX}alert_state",
            "1 if an alert is firing, 0 if it is pending",
            labels=["alert", "severity"],
        )
        for alert in self.alerts:
            firing.add_metric([alert.name, alert.severity], float(alert.state == "firing"))
        yield firing
        for name, meaning, known in self._scalars():
            if known is not None:
                yield GaugeMetricFamily(PREFIX + name, meaning, value=known)
        if self.daemon_runs and self.status is not None and self.status.trainer is not None:
            state = GaugeMetricFamily(
                f"{PREFIX}trainer_state", "1 for the trainer's state", labels=["state"]
            )
            state.add_metric([self.status.trainer.state], 1.0)
            yield state
        if self.status is not None and (run := self.status.run) is not None:
            facts = {"run_id": run.id, "mode": run.mode, "algorithm": run.algorithm}
            yield InfoMetricFamily(f"{PREFIX}run", "The current run", value=facts)

    def _scalars(self) -> Iterator[tuple[str, str, float | None]]:
        yield "daemon_running", "1 while the daemon runs", float(self.daemon_runs)
        status = self.status
        trainer = status.trainer if status is not None and self.daemon_runs else None
        yield (
            "heartbeat_timestamp_seconds",
            "the trainer's last report, while one is due",
            None if trainer is None else _heartbeat_s(trainer),
        )
        yield (
            "checkpoint_timestamp_seconds",
            "when the run's newest checkpoint was saved",
            self.checkpoint_s,
        )
        yield (
            "backup_timestamp_seconds",
            "when the run's newest backup was made",
            self.backup_s,
        )
        progress = None if status is None else status.progress
        yield (
            "training_timesteps",
            "environment steps of the run so far",
            None if progress is None else float(progress.timesteps),
        )
        yield (
            "training_timesteps_planned",
            "environment steps of the whole run",
            None if progress is None else float(progress.total_timesteps),
        )


def _heartbeat_s(trainer: TrainerStatus) -> float | None:
    """As `landerctl check heartbeat` judges it: none is due from one that is frozen or ended."""
    if trainer.frozen is not None or trainer.state not in ("STARTING", "RUNNING"):
        return None
    if trainer.state == "STARTING" or trainer.heartbeat_s is None:
        return trainer.report_s or trainer.since_s
    return trainer.heartbeat_s


def exported_as(name: str) -> tuple[str, float]:
    """A sample's name in Prometheus, and the factor to its base unit: ``disk/free_gb`` becomes
    ``landerctl_disk_free_bytes`` with 1e9."""
    exported, kind = PREFIX + _NOT_IN_NAMES.sub("_", name), find_kind(name)
    if kind is None or not kind.unit.in_name:
        return exported, 1.0
    unit = kind.unit
    return re.sub(rf"_{unit.in_name}(?=_|$)", f"_{unit.base}", exported), unit.factor


def read_exposed(
    paths: StatePaths,
    backups: Path,
    *,
    values: Mapping[str, float],
    alerts: Iterable[AlertRecord] | None = None,
) -> Exposed:
    """What the state folder says beside these values; `backups`: the folder of all runs' backups.

    `alerts`: None for those of the store. What cannot be read is unknown.
    """
    try:
        with StoreReader.open(paths.store) as reader:
            status: Status | None = reader.status()
    except StoreError:
        status = None
    run_id = status.run.id if status is not None and status.run is not None else None
    if alerts is None:
        alerts = status.alerts if status is not None else ()
    return Exposed(
        values,
        tuple(alerts),
        daemon_runs=lock_is_held(paths),
        status=status,
        checkpoint_s=_newest_s(paths.run(run_id).checkpoints, read_manifest) if run_id else None,
        backup_s=_newest_s(backups / run_id, read_backup) if run_id else None,
    )


def _newest_s(folder: Path, read: Callable[[Path], Manifest | Backup]) -> float | None:
    """When the newest of a folder's checkpoints or backups with an intact record was made."""
    try:
        found = [path for path in list_folders(folder) if is_checkpoint_id(path.name)]
    except OSError:
        return None
    # Ids sort by sequence, up to a million. A scrape must not read hundreds: of most only the last.
    for path in reversed(found):
        with suppress(DamagedCheckpointError, OSError):
            return read(path).created_s
    return None
