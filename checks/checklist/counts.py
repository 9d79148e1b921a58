"""How many lines are in which state, as text. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from checks.checklist.facts import State

_OTHERS: dict[State, str] = {
    "fails": "fail",
    "stale": "stale",
    "open": "open",
    "does not apply": "do not apply",
}


def counts_text(counts: Mapping[State, int]) -> str:
    """``171 of 178 hold, 3 fail, 4 open``, from the number of lines in each state."""
    total = sum(counts.values())
    parts = [f"{counts.get('holds', 0)} of {total} hold"]
    parts += [f"{counts[state]} {word}" for state, word in _OTHERS.items() if counts.get(state)]
    return ", ".join(parts)
