"""Checks the age of the training loop's last heartbeat."""

from __future__ import annotations

from checks.evidence import Evidence
from checks.liveness import liveness
from checks.verdict import Level, Perf, Verdict
from checks.wording import duration


def check(evidence: Evidence) -> Verdict:
    """CRITICAL after the time-out at which the supervisor kills the trainer, WARNING after half.

    While the trainer starts, the start-up time-out applies, to reports of any kind.
    """
    trainer = evidence.status.trainer if evidence.status else None
    if trainer is None or liveness(evidence) != "running":
        return Verdict("heartbeat", Level.UNKNOWN, "no daemon that answers receives one")
    if trainer.state not in ("STARTING", "RUNNING"):
        return Verdict("heartbeat", Level.OK, f"none expected, the trainer is {trainer.state}")
    if trainer.frozen is not None:
        return Verdict("heartbeat", Level.OK, "none expected, the trainer is frozen")
    if evidence.config is None:
        return Verdict("heartbeat", Level.UNKNOWN, f"time-out unknown: {evidence.config_problem}")
    supervision = evidence.config.supervision
    if trainer.state == "STARTING" or trainer.heartbeat_s is None:
        what, since_s = "the start's last report", trainer.report_s or trainer.since_s
        limit_s, setting = supervision.startup_timeout_s, "supervision.startup_timeout_s"
    else:
        what, since_s = "the last one", trainer.heartbeat_s
        limit_s, setting = supervision.heartbeat_timeout_s, "supervision.heartbeat_timeout_s"
    age_s = evidence.age_s(since_s)
    perf = Perf(
        label="heartbeat_age",
        value=age_s,
        unit="s",
        warn=f"{limit_s / 2:g}",
        crit=f"{limit_s:g}",
        minimum=0.0,
    )
    text = f"{duration(age_s)} since {what}"
    if age_s <= limit_s / 2:
        return Verdict("heartbeat", Level.OK, text, (perf,))
    level = Level.CRITICAL if age_s > limit_s else Level.WARNING
    return Verdict("heartbeat", level, f"{text}, {setting} is {limit_s:g} s", (perf,))
