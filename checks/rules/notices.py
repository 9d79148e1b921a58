"""Do alerts reach the people that they are for?"""

from __future__ import annotations

from checks.evidence import Evidence
from checks.verdict import Level, Perf, Verdict
from checks.wording import duration


def check(evidence: Evidence) -> Verdict:
    """WARNING while news waits for a target that could not be told."""
    if evidence.status is None:
        return Verdict("notices", Level.UNKNOWN, "the store cannot be read")
    waiting = [notice for notice in evidence.status.outbox if notice.tries]
    perf = (Perf(label="notices_waiting", value=len(waiting), minimum=0.0),)
    if not waiting:
        targets = len(evidence.config.notify.targets) if evidence.config else 0
        text = f"{targets} target(s), nothing waits" if targets else "notify.targets names nobody"
        return Verdict("notices", Level.OK, text, perf)
    names = ", ".join(dict.fromkeys(notice.target for notice in waiting))
    age_s = evidence.now_s - min(notice.created_s for notice in waiting)
    text = (
        f"{names} could not be told for {duration(age_s)}; see `landerctl events --name 'notify.*'`"
    )
    return Verdict("notices", Level.WARNING, text, perf)
