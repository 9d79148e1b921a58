"""Thresholds of a metric, from the alert rules in config.toml."""

from __future__ import annotations

import msgspec

from checks.verdict import LEVEL_OF, Level
from daemon.config.schema import AlertRule, Config, Severity


class Limits(msgspec.Struct, frozen=True):
    """The alert rules for one metric; their `for_s` is ignored here."""

    rules: tuple[AlertRule, ...]

    def judge(self, value: float) -> tuple[Level, AlertRule | None]:
        """The level of a value, and the rule that it violates. NaN violates every rule."""
        violated = [
            rule
            for rule in self.rules
            if not (
                value <= rule.threshold if rule.comparison == "above" else value >= rule.threshold
            )
        ]
        rule = max(violated, key=lambda rule: LEVEL_OF[rule.severity], default=None)
        return (LEVEL_OF[rule.severity], rule) if rule else (Level.OK, None)

    def range_of(self, severity: Severity, scale: float = 1.0) -> str:
        """The range, times `scale`, in the monitoring plugins' notation; empty without a rule."""
        for rule in self.rules:
            if rule.severity == severity:
                limit = f"{rule.threshold * scale:.6f}".rstrip("0").rstrip(".")
                return f"~:{limit}" if rule.comparison == "above" else f"{limit}:"
        return ""


def limits_of(metric: str, config: Config | None) -> Limits:
    """The rules for a metric; none without a configuration."""
    rules = config.alerts if config else []
    return Limits(tuple(rule for rule in rules if rule.metric == metric))
