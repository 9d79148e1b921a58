"""One line of the preflight."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from checks.verdict import Level
from daemon.base.text.counted import counted
from daemon.protocol.finding import Figure


class Row(msgspec.Struct, frozen=True):
    """What was found about one thing, and what to do; `figures`: the measured, by name with unit.

    CRITICAL: a training cannot start or will be harmed. UNKNOWN: it cannot be measured here.
    """

    name: str
    level: Level
    text: str
    remedy: str = ""
    figures: dict[str, Figure] = {}


def summary(rows: Sequence[Row]) -> str:
    """``18 ok, 2 WARN, 1 FAIL`` of all rows."""
    counts = {
        "ok": sum(row.level is Level.OK for row in rows),
        "unknown": sum(row.level is Level.UNKNOWN for row in rows),
        "WARN": sum(row.level is Level.WARNING for row in rows),
        "FAIL": sum(row.level is Level.CRITICAL for row in rows),
    }
    parts = [f"{count} {name}" for name, count in counts.items() if count]
    return f"{counted(len(rows), 'line')}: {', '.join(parts)}"
