"""Checks that the wall clock has not jumped."""

from __future__ import annotations

from checks.evidence import Evidence
from checks.verdict import Level, Verdict


def check(evidence: Evidence) -> Verdict:
    """WARNING after a jump, until the clock is trusted again."""
    if evidence.clock is None:
        return Verdict("clock", Level.UNKNOWN, "no daemon has watched it here yet")
    if evidence.clock.doubt is not None:
        return Verdict("clock", Level.WARNING, evidence.clock.doubt)
    return Verdict("clock", Level.OK, "no jump")
