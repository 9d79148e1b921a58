"""Targets outside of the machine: who is notified, and where copies of the backups go."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from checks.preflight.row import Row
from checks.verdict import Level


class TargetFact(msgspec.Struct, frozen=True):
    """One target of notifications or of backups. `problem`: why it cannot be used; None: it can.

    `tried`: a message was delivered, or an object was written, read and removed.
    """

    name: str
    problem: str | None
    tried: bool
    took_s: float = 0.0


def notify_rows(targets: Sequence[TargetFact]) -> list[Row]:
    """A row for each; WARNING if there is none."""
    if not targets:
        text = "nobody is notified: notify.targets is empty"
        return [Row("notify", Level.WARNING, text, "add [[notify.targets]], see docs/alerts.md")]
    return [_notify(target) for target in targets]


def offsite_rows(targets: Sequence[TargetFact]) -> list[Row]:
    """A row for each; WARNING if there is none."""
    if not targets:
        text = "no copies leave this machine: backup.targets is empty"
        return [Row("offsite", Level.WARNING, text, "add [[backup.targets]], see docs/offsite.md")]
    return [_offsite(target) for target in targets]


def _notify(target: TargetFact) -> Row:
    name = f"notify {target.name}"
    if target.problem is not None:
        remedy = f"correct [[notify.targets]], then `landerctl alerts test {target.name}`"
        return Row(name, Level.CRITICAL, target.problem, remedy)
    if target.tried:
        text = f"delivered a test message in {target.took_s:.1f} s"
        return Row(name, Level.OK, text, figures={"took_s": round(target.took_s, 2)})
    return Row(name, Level.OK, "its address can be used; --send delivers a test message")


def _offsite(target: TargetFact) -> Row:
    name = f"offsite {target.name}"
    if target.problem is not None:
        remedy = "correct [[backup.targets]] or the target, see docs/offsite.md"
        return Row(name, Level.CRITICAL, target.problem, remedy)
    text = f"wrote, read and removed an object in {target.took_s:.1f} s"
    return Row(name, Level.OK, text, figures={"took_s": round(target.took_s, 2)})
