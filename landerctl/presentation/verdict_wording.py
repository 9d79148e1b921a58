"""A verdict in words, for a terminal and for a report. Pure."""

from __future__ import annotations

from checks.checklist.golive.verdict import Criterion, Verdict
from daemon.base.text.counted import counted


def headline(verdict: Verdict) -> str:
    """What follows the word: what keeps it from being GO, and loosened thresholds."""
    loosened = ""
    if verdict.loosened:
        count = counted(len(verdict.loosened), "loosened threshold")
        loosened = f", with {count}: {'; '.join(verdict.loosened)}"
    if verdict.go:
        return loosened
    parts = [
        *_missing(verdict.criteria, "go-live criterion", "go-live criteria"),
        *_missing(verdict.quality, "success criterion", "success criteria"),
        *_missing(verdict.signatures, "signature", "signatures"),
    ]
    if verdict.incidents:
        parts.append(counted(len(verdict.incidents), "open incident"))
    return f": {', '.join(parts) or 'the incidents'} to settle{loosened}"


def _missing(criteria: list[Criterion], one: str, many: str) -> list[str]:
    missing = sum(found.state != "holds" for found in criteria)
    return [counted(missing, one, many)] if missing else []
