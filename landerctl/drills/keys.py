"""The keys of a drill's findings, as the checklist's table names them."""

from __future__ import annotations

from checks.checklist.judge import ENVIRONMENT
from checks.checklist.model import Drill, Fixed, Line
from checks.checklist.table.all import LINES


def drill_keys(name: str) -> tuple[str, ...]:
    """The keys of the lines that this drill judges, in the table's order."""
    keys = [
        line.judge.finding
        for line in LINES
        if isinstance(line.judge, Drill) and line.judge.name == name
    ]
    if name == ENVIRONMENT:
        keys += [line.id for line in fixed_lines()]
    return tuple(dict.fromkeys(keys))


def fixed_lines() -> list[Line]:
    """The lines that are true by construction: the drill `environment` runs their tests."""
    return [line for line in LINES if isinstance(line.judge, Fixed)]
