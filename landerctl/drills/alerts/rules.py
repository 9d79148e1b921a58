"""Which rule a drilled alert is, and what of it is moved so that it can be caused. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from daemon.config import Config
from daemon.config.schema import AlertRule, ChecklistSettings, NotifyTarget, Severity

PREFIX = "[drill] "
_SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
# To fill the machine's memory or disk would harm: thresholds that any machine crosses. What a rule
# waits for is not drilled: neither its time nor its stage.
_CROSSED: Mapping[str, float] = {"memory-high": -1.0, "disk-low": 1e9}
_AT_ONCE: dict[str, Any] = {
    "for_s": 0.0,
    "stage": None,
    "stage_steps": 0,
    "armed_at": None,
    "action": "notify",  # what else it does would end the drill's training
}


@dataclass(frozen=True)
class Watched:
    """A rule as it is in the drill. `moved`: how it differs from the configured one."""

    rule: AlertRule
    moved: str
    targets: tuple[str, ...]  # those that want its severity


def watched(config: Config, name: str) -> Watched | str:
    """The rule of this name as drilled, or why nobody would be notified: one line."""
    rule = next((one for one in config.alerts if one.name == name), None)
    if rule is None:
        return f"no alert rule {name!r}, or rollback.triggers switches it off"
    if rule.action == "log":
        return f'alerts.{name}.action = "log": nobody is notified'
    targets = tuple(one.name for one in config.notify.targets if _wants(one, rule.severity))
    if not config.notify.targets:
        return "no notification target is configured: see [notify]"
    if not targets:
        return f"no target of notify.targets wants severity {rule.severity!r}"
    if fault := laxer(config, rule):
        return fault
    changes = {**_AT_ONCE}
    if name in _CROSSED:
        changes |= {"threshold": _CROSSED[name], "clear_threshold": None}
    drilled = msgspec.structs.replace(rule, **changes)
    return Watched(drilled, _differences(rule, drilled), targets)


def laxer(config: Config, rule: AlertRule) -> str:
    """How the alert would come later than the document asks: one line; empty if it does not.

    Only of what the drill moves: the other rules must fire as they are configured.
    """
    limits, divergence = config.checklist, config.divergence
    if rule.name == "memory-high":
        return _threshold(rule, "memory/used_percent", "above", limits.alert_memory_percent)
    if rule.name == "disk-low":
        return _threshold(rule, "disk/free_gb", "below", limits.alert_disk_gb)
    if rule.name == "reward-dropping":
        return _reward(limits, divergence.reward_drop, divergence.reward_drop_steps)
    return ""


def _threshold(rule: AlertRule, metric: str, comparison: str, limit: float) -> str:
    asked = f"the checklist asks for {metric} {comparison} {limit:g}"
    is_same = (rule.metric, rule.comparison) == (metric, comparison)
    late = rule.threshold - limit if comparison == "above" else limit - rule.threshold
    if is_same and late <= 0.0:
        return ""
    return f"alerts.{rule.name}: {rule.metric} {rule.comparison} {rule.threshold:g}; {asked}"


def _reward(limits: ChecklistSettings, drop: float, steps: int) -> str:
    if drop <= limits.alert_reward_drop and steps <= limits.alert_reward_drop_steps:
        return ""
    return (
        f"[divergence] sees a fall of {drop:.0%} over {steps:,} steps; the checklist asks for "
        f"{limits.alert_reward_drop:.0%} over {limits.alert_reward_drop_steps:,}"
    )


def _wants(target: NotifyTarget, severity: Severity) -> bool:
    return _SEVERITIES.index(severity) >= _SEVERITIES.index(target.min_severity)


def _differences(rule: AlertRule, drilled: AlertRule) -> str:
    old, new = msgspec.structs.asdict(rule), msgspec.structs.asdict(drilled)
    changed = [name for name in ("threshold", *_AT_ONCE) if old[name] != new[name]]
    return ", ".join(f"{name} moved from {old[name]} to {new[name]}" for name in changed)
