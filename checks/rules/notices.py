"""Checks that notifications are delivered."""

from __future__ import annotations

from checks.evidence import Evidence
from checks.verdict import Level, Perf, Verdict
from checks.wording import duration
from daemon.base.text.counted import counted


def check(evidence: Evidence) -> Verdict:
    """WARNING while a notification that failed waits for its next try."""
    if evidence.status is None:
        return Verdict("notices", Level.UNKNOWN, "the store cannot be read")
    waiting = [notice for notice in evidence.status.outbox if notice.tries]
    perf = (Perf(label="notices_waiting", value=len(waiting), minimum=0.0),)
    if not waiting:
        targets = len(evidence.config.notify.targets) if evidence.config else 0
        text = (
            f"{counted(targets, 'target')}, none waiting" if targets else "notify.targets is empty"
        )
        return Verdict("notices", Level.OK, text, perf)
    names = ", ".join(dict.fromkeys(notice.target for notice in waiting))
    age_s = max(evidence.age_s(notice.created_s) for notice in waiting)
    text = (
        f"no notification to {names} for {duration(age_s)}; "
        "see `landerctl events --name 'notify.*'`"
    )
    return Verdict("notices", Level.WARNING, text, perf)
