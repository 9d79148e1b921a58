"""Checks that the daemon runs and accepts its configuration."""

from __future__ import annotations

from checks.evidence import Evidence
from checks.liveness import Liveness, describe, liveness
from checks.verdict import Level, Verdict

_LEVELS: dict[Liveness, Level] = {
    "running": Level.OK,
    "starting": Level.OK,
    "silent": Level.CRITICAL,
    "stopped": Level.WARNING,
    "died": Level.CRITICAL,
    "never-started": Level.UNKNOWN,
    "unreadable": Level.UNKNOWN,
}


def check(evidence: Evidence) -> Verdict:
    """CRITICAL if it died or is silent, WARNING if it was stopped or refused its configuration."""
    level = _LEVELS[liveness(evidence)]
    daemon = evidence.status.daemon if evidence.status else None
    if level is Level.OK and daemon is not None and daemon.config_error:
        text = f"changed configuration refused, old one still used: {daemon.config_error}"
        return Verdict("daemon", Level.WARNING, text)
    return Verdict("daemon", level, describe(evidence))
