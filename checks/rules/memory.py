"""Checks the machine's memory usage."""

from __future__ import annotations

from checks.evidence import Evidence
from checks.limits import limits_of
from checks.liveness import liveness
from checks.verdict import Level, Perf, Verdict
from checks.wording import duration, memory_used

METRIC = "memory/used_percent"
STALE_AFTER_INTERVALS = 10  # of resources.interval_s, and at least:
STALE_AFTER_S = 30.0


def check(evidence: Evidence) -> Verdict:
    """By the alert rules for memory/used_percent. UNKNOWN if the value is outdated."""
    resources = evidence.status.resources if evidence.status else None
    if resources is None or liveness(evidence) != "running":
        return Verdict("memory", Level.UNKNOWN, "no daemon that answers measures it")
    interval_s = evidence.config.resources.interval_s if evidence.config else 0.0
    age_s = evidence.age_s(resources.time_s)
    if age_s > max(STALE_AFTER_S, STALE_AFTER_INTERVALS * interval_s):
        return Verdict("memory", Level.UNKNOWN, f"last measured {duration(age_s)} ago")
    limits = limits_of(METRIC, evidence.config)
    level, rule = limits.judge(resources.memory_used_percent)
    perf = (
        Perf(
            label="memory_used",
            value=resources.memory_used_percent,
            unit="%",
            warn=limits.range_of("warning"),
            crit=limits.range_of("critical"),
            minimum=0.0,
            maximum=100.0,
        ),
        Perf(label="memory_trainer", value=resources.memory_trainer_bytes, unit="B", minimum=0.0),
        Perf(
            label="memory_supervisor",
            value=resources.memory_supervisor_bytes,
            unit="B",
            minimum=0.0,
        ),
    )
    text = memory_used(resources.memory_used_percent, resources.memory_limit_bytes)
    if rule is not None:
        text += f" ({rule.comparison} {rule.threshold:g}, alert {rule.name}): {rule.summary}"
    return Verdict("memory", level, text, perf)
