"""How training is judged, and who hears of it: alerts, checks, the checklist, reviews."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from daemon.config.schema.values import (
    Count,
    Fraction,
    NonNegative,
    Positive,
    Range,
    Severity,
    ThreeHours,
    Weekday,
)
from daemon.config.secrets import Named


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
