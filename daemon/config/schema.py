"""Types and bounds of all settings. config.toml documents what each means."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from daemon.config.secrets import Named

Positive = Annotated[float, Meta(gt=0.0)]
NonNegative = Annotated[float, Meta(ge=0.0)]
Count = Annotated[int, Meta(ge=1)]
Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
Range = tuple[float, float]
ThreeHours = tuple[Positive, Positive, Positive]

Mode = Literal["curriculum", "standard", "demo"]
Algorithm = Literal["ppo", "sac", "td3"]
Severity = Literal["info", "warning", "critical"]
CheckpointKind = Literal["interval", "gate", "best", "stop", "final", "manual", "rollback", "fork"]

ReviewKind = Literal["daily", "weekly"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class RunSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[run]: what to train, and for how long."""

    mode: Mode
    stage: Count
    algorithm: Algorithm
    n_envs: Annotated[int, Meta(ge=1, le=512)]
    timesteps: Count
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    device: str
    torch_threads: Annotated[int, Meta(ge=0, le=64)]  # 0: one for each usable processor


class SimulationSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[fleet]: the simulation's vehicle and clocks."""

    vehicle: str
    vehicle_data: dict[str, Any]  # of a vehicle that is not ours; env.physics.vehicles judges it
    threads: Annotated[int, Meta(ge=1, le=64)]
    control_interval_s: Positive
    dynamics_interval_s: Annotated[float, Meta(gt=0.0, le=0.05)]


class TerrainSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[terrain]: the ground, synthetic or from the user's height map."""

    height_map: str
    cell_m: NonNegative
    local_relief: NonNegative


class SensorSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[sensors]: sensor noise."""

    noise: NonNegative


class NetworkSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[network]: layers of the policy and the value function."""

    hidden: Annotated[list[Count], Meta(min_length=1, max_length=6)]
    log_std_init: float


class PpoSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[ppo]: stable-baselines3's PPO arguments, and the learning rate's adaptation."""

    learning_rate: Positive
    n_steps: Count
    batch_size: Annotated[int, Meta(ge=2)]
    n_epochs: Count
    gamma: Fraction
    gae_lambda: Fraction
    clip_range: Positive
    ent_coef: NonNegative
    vf_coef: NonNegative
    max_grad_norm: Positive
    desired_kl: Positive
    anneal_timesteps: Annotated[int, Meta(ge=0)]
    final_log_std: float


class OffPolicySettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What [sac] and [td3] share."""

    learning_rate: Positive
    buffer_size: Count
    learning_starts: Annotated[int, Meta(ge=0)]
    batch_size: Count
    tau: Fraction
    gamma: Fraction
    n_steps: Count
    train_freq: Count
    gradient_steps: Count
    policy_delay: Count
    reward_scale: Positive


class SacSettings(OffPolicySettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[sac]: stable-baselines3's arguments, and the actor's initialization."""

    initial_ent_coef: Positive
    target_entropy: float


class Td3Settings(OffPolicySettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[td3]: stable-baselines3's arguments, and the exploration noise."""

    action_noise_sigma: tuple[NonNegative, NonNegative]


class NormalizeSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[normalize]: VecNormalize's arguments."""

    observations: bool
    rewards: bool
    clip_observation: Positive
    clip_reward: Positive


class Stage(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of [[curriculum.stages]]: where a descent starts, and the gate that ends the stage."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    altitude_m: Range
    downrange_m: Range
    descent_rate_m_s: Range
    horizontal_speed_m_s: Range
    tilt_deg: Range
    delta_v_m_s: Range
    ground_slope_deg: Range
    relief: Fraction
    clear_radius_m: NonNegative
    time_limit_s: Positive
    ramp_steps: Count
    gate_success_rate: Fraction
    gate_mean_reward: float
    mastery_success_rate: Fraction | None = None  # None: only mastery_timesteps ends it
    mastery_timesteps: Count


class CurriculumSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[curriculum]: how gates are judged, and the stages in order."""

    window_episodes: Count
    min_episodes: Count
    confirm_episodes: Count
    ramp_success_rate: Fraction
    rehearsal_share: Annotated[float, Meta(ge=0.0, le=0.9)]
    attempt_timesteps: Count
    attempts: Count
    stages: Annotated[list[Stage], Meta(min_length=1)]


class CheckpointSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[checkpoints]: interval and retention."""

    interval_steps: Count
    keep: Count


class GuardSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[guards]: limits of rewinding after non-finite numbers."""

    max_returns: Annotated[int, Meta(ge=0)]
    progress_steps: Count


class DivergenceSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[divergence]: thresholds for signs that training diverges."""

    kl: Positive
    kl_updates: Count
    value_loss_ratio: Annotated[float, Meta(gt=1.0)]
    reward_drop: Annotated[float, Meta(gt=0.0, le=1.0)]
    reward_drop_steps: Count
    reward_floor: Positive


class EvaluationSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[evaluation]: deterministic episodes on seeds of their own."""

    interval_timesteps: Count
    episodes: Count
    seed: Annotated[int, Meta(ge=0)]


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


class AlertRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of [[alerts]]: a metric, when its alert fires and ends, and the action."""

    name: Annotated[str, Meta(pattern="^[a-z0-9-]+$")]
    metric: str
    comparison: Literal["above", "below"]
    threshold: float
    clear_threshold: float | None = None  # None: the threshold
    for_s: NonNegative
    keep_firing_for_s: NonNegative = 0.0
    missing: Literal["keep", "clear", "fire"] = "keep"
    stage: Annotated[int, Meta(ge=1)] | None = None  # None: any
    stage_steps: Annotated[int, Meta(ge=0)] = 0  # environment steps in the stage before it applies
    armed_at: float | None = None  # applies once the run's metric was this good; None: always
    action: Literal["notify", "log", "stop", "rollback"] = "notify"
    severity: Severity
    summary: str


class NotifyTarget(Named, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of [[notify.targets]]: who is notified, by exactly one of the four ways."""

    name: Annotated[str, Meta(pattern="^[a-z0-9-]+$")]
    url: str = ""
    url_file: str = ""
    command: list[str] = field(default_factory=list)
    plugin: str = ""  # the name of a notifier
    min_severity: Severity = "warning"


class NotifySettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[notify]: who is notified of alerts, and how often."""

    group_wait_s: NonNegative
    repeat_interval_s: Positive
    timeout_s: Positive
    give_up_h: Positive
    title_prefix: str
    targets: list[NotifyTarget]


class ExpectedSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[expected]: normal ranges of metrics."""

    steps_per_s: Range


class CheckSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[checks]: limits of `landerctl check` that are in no alert rule or other section."""

    checkpoint_age_warning_s: Positive
    checkpoint_age_critical_s: Positive
    ping_url_file: str


class ChecklistSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[checklist]: thresholds of the production checklist, and how long its evidence is valid."""

    interval_s: Positive
    evidence_days: Positive
    startup_s: Positive
    burn_in_h: Positive
    crash_free_h: Positive
    memory_per_lander_mb: Positive
    memory_growth_gb_per_day: Positive
    descriptor_growth_per_day: Positive
    cpu_percent: Positive
    disk_write_mb_s: Positive
    checkpoint_steps: Count
    stage_success_rates: list[Fraction]
    stage_mean_rewards: list[float]
    success_rate: Fraction
    mean_reward: float
    distance_m: Positive
    fuel_left: Fraction
    soft_share: Fraction
    evaluation_episodes: Count
    terminal_reward: Positive
    shaping_reward: Positive
    landing_altitude_m: Positive
    landing_speed_m_s: Positive
    algorithm_steps: Count
    resume_episodes: Count
    alert_memory_percent: Positive
    alert_disk_gb: Positive
    alert_reward_drop: Fraction
    alert_reward_drop_steps: Count
    rollback_crashes: Count
    rollback_growth_gb_per_day: Positive
    rollback_regressions: Count
    cores: Count
    memory_gb: Positive
    disk_gb: Positive
    review_episodes: Count
    backup_keep_days: Positive
    backup_keep_final_days: Positive
    offsite_delay_s: Positive
    tensorboard_copy_h: Positive
    precision_alert_m: Positive
    first_hour_share: Fraction
    estimate_stage_1_h: ThreeHours
    estimate_curriculum_h: ThreeHours
    estimate_total_h: ThreeHours


class ReviewSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[reviews]: when the daemon reviews the training, and who receives it."""

    daily: bool
    weekly: bool
    at: Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]  # local time
    weekly_on: Weekday
    targets: list[str]


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
