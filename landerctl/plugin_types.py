"""What plugins are made of: the types that a check and a notifier get and return.

A package names its plugins by entry points; docs/plugins.md describes each group. Alert rules and
vehicles are files: tables of `AlertRule`, and the fields of `env.physics.vehicle.Vehicle`.
"""

from __future__ import annotations

from typing import Protocol

from checks.evidence import Evidence
from checks.verdict import Finding, Level, Perf, Verdict
from daemon.config.schema import AlertRule
from daemon.notify.message import Message

__all__ = [
    "AlertRule",
    "Check",
    "Evidence",
    "Finding",
    "Level",
    "Message",
    "Notifier",
    "Perf",
    "Verdict",
]


class Check(Protocol):
    """A function of the group `landerctl.checks`."""

    def __call__(self, evidence: Evidence, /) -> Verdict:
        """Judge the evidence, which is frozen; without settings that may hold a secret."""


class Notifier(Protocol):
    """A function of the group `landerctl.notifiers`."""

    def __call__(self, message: Message, /) -> None:
        """Deliver the message, or raise: an OSError means that it is tried again."""
