"""Checks the production checklist, as the daemon judged it last."""

from __future__ import annotations

from checks.evidence import Evidence
from checks.verdict import Level, Perf, Verdict
from checks.wording import duration
from daemon.store.records import ChecklistStatus

LATE = 3.0  # intervals after which a judgement is too old


def check(evidence: Evidence) -> Verdict:
    """CRITICAL if the evidence was edited, WARNING if a line fails or is stale.

    A line without evidence yet is OK: `landerctl checklist --open` shows what would bring it.
    """
    status = evidence.status.checklist if evidence.status else None
    if status is None:
        return Verdict("checklist", Level.UNKNOWN, "not judged yet; a running daemon does it")
    perf = _perf(status)
    age_s = evidence.age_s(status.time_s)
    if evidence.config and age_s > LATE * evidence.config.checklist.interval_s:
        text = f"judged {duration(age_s)} ago; a running daemon judges it, or `landerctl checklist`"
        return Verdict("checklist", Level.UNKNOWN, text, perf)
    if status.problem:
        return Verdict("checklist", Level.CRITICAL, f"evidence refused: {status.problem}", perf)
    level = Level.WARNING if status.fails or status.stale else Level.OK
    return Verdict("checklist", level, status.text(), perf)


def _perf(status: ChecklistStatus) -> tuple[Perf, ...]:
    warned = ("fails", "stale")
    return tuple(
        Perf(label=f"checklist_{name}", value=value, warn="0" if name in warned else "")
        for name, value in status.counts.items()
    )
