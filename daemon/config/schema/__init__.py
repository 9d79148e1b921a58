"""Types and bounds of all settings. config.toml documents what each means."""

from daemon.config.schema.config import Config
from daemon.config.schema.operating import (
    BackupSettings,
    BackupTarget,
    RollbackSettings,
    SupervisionSettings,
    TrackingSettings,
    TuiSettings,
)
from daemon.config.schema.training import (
    CurriculumSettings,
    DivergenceSettings,
    GuardSettings,
    RunSettings,
    Stage,
    TerrainSettings,
)
from daemon.config.schema.values import (
    Algorithm,
    CheckpointKind,
    Mode,
    ReviewKind,
    Severity,
    WarmStart,
    Weekday,
)
from daemon.config.schema.watching import (
    AlertRule,
    ChecklistSettings,
    NotifySettings,
    NotifyTarget,
    ReviewSettings,
)

__all__ = [
    "AlertRule",
    "Algorithm",
    "BackupSettings",
    "BackupTarget",
    "ChecklistSettings",
    "CheckpointKind",
    "Config",
    "CurriculumSettings",
    "DivergenceSettings",
    "GuardSettings",
    "Mode",
    "NotifySettings",
    "NotifyTarget",
    "ReviewKind",
    "ReviewSettings",
    "RollbackSettings",
    "RunSettings",
    "Severity",
    "Stage",
    "SupervisionSettings",
    "TerrainSettings",
    "TrackingSettings",
    "TuiSettings",
    "WarmStart",
    "Weekday",
]
