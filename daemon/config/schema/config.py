"""All sections together."""

from __future__ import annotations

from msgspec import Struct

from daemon.config.schema.operating import (
    BackupSettings,
    PrometheusSettings,
    ResourceSettings,
    RollbackSettings,
    SupervisionSettings,
    TensorBoardSettings,
    TrackingSettings,
    TuiSettings,
)
from daemon.config.schema.training import (
    CheckpointSettings,
    CurriculumSettings,
    DivergenceSettings,
    EvaluationSettings,
    GuardSettings,
    NetworkSettings,
    NormalizeSettings,
    PpoSettings,
    RunSettings,
    SacSettings,
    SensorSettings,
    SimulationSettings,
    Td3Settings,
    TerrainSettings,
)
from daemon.config.schema.watching import (
    AlertRule,
    ChecklistSettings,
    CheckSettings,
    ExpectedSettings,
    NotifySettings,
    ReviewSettings,
)


class Config(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings. A run keeps a frozen copy of those it was created with."""

    run: RunSettings
    fleet: SimulationSettings
    terrain: TerrainSettings
    sensors: SensorSettings
    network: NetworkSettings
    ppo: PpoSettings
    sac: SacSettings
    td3: Td3Settings
    normalize: NormalizeSettings
    curriculum: CurriculumSettings
    checkpoints: CheckpointSettings
    guards: GuardSettings
    divergence: DivergenceSettings
    evaluation: EvaluationSettings
    supervision: SupervisionSettings
    resources: ResourceSettings
    alerts: list[AlertRule]
    notify: NotifySettings
    expected: ExpectedSettings
    checks: CheckSettings
    checklist: ChecklistSettings
    reviews: ReviewSettings
    backup: BackupSettings
    rollback: RollbackSettings
    tensorboard: TensorBoardSettings
    prometheus: PrometheusSettings
    tracking: TrackingSettings
    tui: TuiSettings
