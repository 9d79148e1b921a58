"""Is there a backup, and is it whole?"""

from __future__ import annotations

from checks.evidence import Evidence
from checks.verdict import Level, Perf, Verdict
from checks.wording import duration

AWAITED_S = 600.0  # a checkpoint has its backup within this time ...
AWAITED_SWEEPS = 2.0  # ... or after so many regular sweeps


def check(evidence: Evidence) -> Verdict:
    """WARNING where a checkpoint that calls for a backup has none yet, or one is damaged."""
    backups = evidence.backups
    if backups is None:
        return Verdict("backup", Level.UNKNOWN, "no usable configuration says where they are")
    if backups.problem:
        text = f"{backups.problem}; see `landerctl backup verify`"
        return Verdict("backup", Level.WARNING, text)
    sweep_s = evidence.config.backup.sweep_interval_s if evidence.config else 0.0
    awaited_s = max(AWAITED_S, AWAITED_SWEEPS * sweep_s)
    if backups.missing_id is not None and evidence.now_s - backups.missing_s > awaited_s:
        since = duration(evidence.now_s - backups.missing_s)
        text = (
            f"checkpoint {backups.missing_id}, saved {since} ago, has none; "
            "see `landerctl events --name 'backup.*'`"
        )
        return Verdict("backup", Level.WARNING, text)
    if backups.newest_s is None:
        return Verdict("backup", Level.OK, "none yet")
    age_s = max(0.0, evidence.now_s - backups.newest_s)
    perf = (
        Perf(label="backup_age", value=age_s, unit="s", minimum=0.0),
        Perf(label="backups", value=backups.count, minimum=0.0),
    )
    return Verdict("backup", Level.OK, f"newest of {backups.count} is {duration(age_s)} old", perf)
