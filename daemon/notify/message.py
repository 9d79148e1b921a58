"""What a target of [notify] gets, and which severities it wants. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.config.schema import NotifyTarget, Severity

RANK: dict[Severity, int] = {"info": 0, "warning": 1, "critical": 2}


@dataclass(frozen=True)
class Message:
    """One or more notices together."""

    title: str
    body: str
    severity: Severity


def wants(target: NotifyTarget, severity: Severity) -> bool:
    """Whether a target gets notices of this severity."""
    return RANK[severity] >= RANK[target.min_severity]
