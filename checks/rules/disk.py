"""Checks free disk space, measured by the check itself, so it needs no daemon."""

from __future__ import annotations

from checks.evidence import Evidence
from checks.limits import limits_of
from checks.verdict import Level, Perf, Verdict
from checks.wording import size

METRIC = "disk/free_gb"
GB = 1e9


def check(evidence: Evidence) -> Verdict:
    """By the alert rules for disk/free_gb."""
    disk = evidence.disk
    if disk is None:
        return Verdict("disk", Level.UNKNOWN, "cannot read the state folder's file system")
    limits = limits_of(METRIC, evidence.config)
    level, rule = limits.judge(disk.free_bytes / GB)
    perf = Perf(
        label="disk_free",
        value=disk.free_bytes,
        unit="B",
        warn=limits.range_of("warning", GB),
        crit=limits.range_of("critical", GB),
        minimum=0.0,
        maximum=disk.total_bytes,
    )
    text = f"{size(disk.free_bytes)} free"
    if rule is not None:
        text += f" ({rule.comparison} {rule.threshold:g} GB, alert {rule.name}): {rule.summary}"
    return Verdict("disk", level, text, (perf,))
