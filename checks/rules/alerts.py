"""Checks for firing alerts."""

from __future__ import annotations

from collections.abc import Sequence

from checks.evidence import Evidence
from checks.liveness import liveness
from checks.verdict import LEVEL_OF, Level, Perf, Verdict, worst
from checks.wording import duration, number
from daemon.store.records import AlertRecord


def firing_alerts(alerts: Sequence[AlertRecord]) -> list[AlertRecord]:
    """Those that fire, the most severe first."""
    firing = (alert for alert in alerts if alert.state == "firing")
    return sorted(firing, key=lambda alert: LEVEL_OF[alert.severity], reverse=True)


def check(evidence: Evidence) -> Verdict:
    """The level of the most severe firing alert; pending ones are only mentioned."""
    if evidence.status is None or liveness(evidence) != "running":
        return Verdict("alerts", Level.UNKNOWN, "no daemon that answers evaluates them")
    firing = firing_alerts(evidence.status.alerts)
    pending = [alert.name for alert in evidence.status.alerts if alert.state == "pending"]
    perf = (Perf(label="alerts_firing", value=len(firing), minimum=0.0),)
    if not firing:
        text = f"none firing, pending: {', '.join(pending)}" if pending else "none firing"
        return Verdict("alerts", Level.OK, text, perf)
    level = worst([LEVEL_OF[alert.severity] for alert in firing])
    return Verdict(
        "alerts",
        level,
        ", ".join(_alert_text(alert, evidence.age_s(alert.since_s)) for alert in firing),
        perf,
    )


def _alert_text(alert: AlertRecord, age_s: float) -> str:
    value = "" if alert.value is None else f"{number(alert.value, 1)} "
    return (
        f"{alert.name} for {duration(age_s)} "
        f"({value}{alert.comparison} {alert.threshold:g}): {alert.summary}"
    )
