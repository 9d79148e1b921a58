"""What the daemon does beside training: supervision, backups, rollbacks, servers; the screen."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from daemon.config.schema.values import CheckpointKind, Count, Fraction, NonNegative, Positive
from daemon.config.secrets import Named


class SupervisionSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[supervision]: startup and heartbeat timeouts, restart and give-up."""

    startup_timeout_s: Positive
    heartbeat_timeout_s: Positive
    stop_timeout_s: Positive
    backoff_initial_s: Positive
    backoff_max_s: Positive
    max_crashes: Count
    crash_window_h: Positive


class ResourceSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[resources]: how often resources are sampled."""

    interval_s: Annotated[float, Meta(ge=0.1)]


class BackupTarget(Named, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of [[backup.targets]]: an object store or second disk with a copy of all backups."""

    name: Annotated[str, Meta(pattern="^[a-z0-9-]+$")]
    url: Annotated[str, Meta(min_length=1)]
    options_file: str = ""


class BackupSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[backup]: folder, which checkpoints are copied automatically, retention, targets."""

    directory: str
    automatic: list[CheckpointKind]
    keep_days: Positive
    keep_final_days: Positive
    max_gb: Positive
    sweep_interval_s: Positive
    targets: list[BackupTarget]


class RollbackSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[rollback]: which states are good, the watch afterwards, limits of automatic rollbacks."""

    success_tolerance: Fraction
    watch_s: NonNegative
    cooldown_s: NonNegative
    max_automatic: Annotated[int, Meta(ge=0)]
    window_h: Positive
    triggers: dict[str, Literal["off", "alert", "rollback"]]  # by the alert rule's name


class TensorBoardSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[tensorboard]: the supervised TensorBoard server."""

    enabled: bool
    port: Annotated[int, Meta(ge=0, le=65535)]  # 0: any free one
    spare_ports: Annotated[int, Meta(ge=0, le=1000)]


class PrometheusSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[prometheus]: the exporter, for a Prometheus server on this machine."""

    enabled: bool
    port: Annotated[int, Meta(ge=0, le=65535)]  # 0: any free one


class TrackingSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[tracking]: the MLflow server that runs are sent to."""

    enabled: bool
    mlflow_uri: str
    mlflow_uri_file: str
    experiment: Annotated[str, Meta(min_length=1, max_length=200)]
    metrics: list[str]  # shell patterns
    artifacts: bool
    best_checkpoint: bool
    interval_s: Annotated[float, Meta(ge=1.0)]
    timeout_s: Annotated[float, Meta(ge=1.0)]


class TuiSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[tui]: the screen."""

    theme: Literal["moon", "daylight"]
    title: bool
    bell: bool
    osc9: bool
    read_only: bool
