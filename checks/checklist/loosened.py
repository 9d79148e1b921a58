"""Which thresholds of [checklist] are looser than the defaults. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from checks.checklist.facts import Facts
from checks.checklist.model import Line

Looser = Literal["above", "below", "elsewhere"]
# On which side of its default a threshold is looser; one that is not here: on both.
_LOOSER: dict[str, Looser] = {
    "evidence_days": "above",
    "startup_s": "above",
    "burn_in_h": "below",
    "crash_free_h": "below",
    "memory_per_lander_mb": "above",
    "memory_growth_gb_per_day": "above",
    "descriptor_growth_per_day": "above",
    "cpu_percent": "above",
    "disk_write_mb_s": "above",
    "checkpoint_steps": "above",
    "stage_success_rates": "below",
    "stage_mean_rewards": "below",
    "success_rate": "below",
    "mean_reward": "below",
    "distance_m": "above",
    "fuel_left": "below",
    "soft_share": "below",
    "evaluation_episodes": "below",
    "alert_memory_percent": "above",
    "alert_disk_gb": "below",
    "alert_reward_drop": "above",
    "alert_reward_drop_steps": "above",
    "rollback_crashes": "above",
    "rollback_growth_gb_per_day": "above",
    "rollback_regressions": "above",
    "backup_keep_days": "below",
    "backup_keep_final_days": "below",
    "offsite_delay_s": "above",
    "tensorboard_copy_h": "above",
    "precision_alert_m": "above",
    "first_hour_share": "below",
    "estimate_stage_1_h": "above",
    "estimate_curriculum_h": "above",
    "estimate_total_h": "above",
    "resume_episodes": "below",
    "cores": "below",
    "memory_gb": "below",
    "disk_gb": "below",
    "review_episodes": "below",
}
_NO_THRESHOLDS = frozenset({"interval_s"})


def loosened(facts: Facts) -> dict[str, str]:
    """By setting: ``burn_in_h = 0.2 instead of 72``, for each that is looser than its default."""
    if facts.defaults is None:
        return {}
    now, defaults = (msgspec.structs.asdict(one) for one in (facts.limits, facts.defaults))
    return {
        name: f"{name} = {_figure(value)} instead of {_figure(defaults[name])}"
        for name, value in now.items()
        if name not in _NO_THRESHOLDS
        and is_looser(value, defaults[name], _LOOSER.get(name, "elsewhere"))
    }


def loosened_of(line: Line, every: Mapping[str, str]) -> list[str]:
    """Of `loosened`, those that decide about this line."""
    return [every[name] for name in line.thresholds if name in every]


def is_looser(value: object, default: object, looser: Looser) -> bool:
    """Whether a threshold is looser than its default; of a list: whether one of them is."""
    if isinstance(value, list | tuple) and isinstance(default, list | tuple):
        shorter = len(value) < len(default)
        pairs = zip(value, default, strict=False)
        return shorter or any(is_looser(one, other, looser) for one, other in pairs)
    if looser == "elsewhere":
        return value != default
    assert isinstance(value, int | float) and isinstance(default, int | float)
    return value > default if looser == "above" else value < default


def _figure(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_figure, value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)
