"""A check: WARNING if at its present speed the training needs more than a week."""

from __future__ import annotations

from landerctl.plugin_types import Evidence, Level, Perf, Verdict

DAY_S = 86_400.0
MOST_DAYS = 7.0


def check(evidence: Evidence) -> Verdict:
    """Judge the time that is left at most."""
    progress = evidence.status.progress if evidence.status else None
    if progress is None or progress.eta_s is None:
        return Verdict("pace", Level.UNKNOWN, "no training reports its progress")
    days = progress.eta_s / DAY_S
    level = Level.WARNING if days > MOST_DAYS else Level.OK
    text = f"at most {days:.1f} days left, expected {MOST_DAYS:g}"
    return Verdict("pace", level, text, (Perf(label="days_left", value=days, minimum=0.0),))
