"""Checks that checkpoints have whole backups."""

from __future__ import annotations

from checks.evidence import Evidence
from checks.verdict import Level, Perf, Verdict
from checks.wording import duration

GRACE_S = 600.0  # a checkpoint must have its backup within this time ...
GRACE_SWEEPS = 2.0  # ... or within this number of sweeps


def check(evidence: Evidence) -> Verdict:
    """WARNING if a checkpoint lacks its required backup, or a backup is damaged."""
    backups = evidence.backups
    if backups is None:
        return Verdict("backup", Level.UNKNOWN, "backup folder unknown: no usable configuration")
    if backups.problem:
        text = f"{backups.problem}; see `landerctl backup verify`"
        return Verdict("backup", Level.WARNING, text)
    sweep_s = evidence.config.backup.sweep_interval_s if evidence.config else 0.0
    grace_s = max(GRACE_S, GRACE_SWEEPS * sweep_s)
    if backups.missing_id is not None and evidence.age_s(backups.missing_s) > grace_s:
        since = duration(evidence.age_s(backups.missing_s))
        text = (
            f"checkpoint {backups.missing_id}, saved {since} ago, has no backup; "
            "see `landerctl events --name 'backup.*'`"
        )
        return Verdict("backup", Level.WARNING, text)
    if backups.newest_s is None:
        return Verdict("backup", Level.OK, "none yet")
    age_s = evidence.age_s(backups.newest_s)
    perf = (
        Perf(label="backup_age", value=age_s, unit="s", minimum=0.0),
        Perf(label="backups", value=backups.count, minimum=0.0),
    )
    return Verdict("backup", Level.OK, f"newest of {backups.count} is {duration(age_s)} old", perf)
