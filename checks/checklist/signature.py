"""What a signature was given on, and what of it has turned bad since. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from checks.checklist.facts import State
from checks.checklist.ledger.record import Record

HELD = "held"  # figure of a signature: ids of the lines that held, separated by spaces
GOOD: frozenset[State] = frozenset({"holds", "does not apply"})


def lost_since(record: Record, states: Mapping[str, State]) -> list[str]:
    """The lines that held when the record was made and do not now; none if it names none.

    `states`: those of now, by id. A line that holds again is not lost.
    """
    held = record.entry.figures.get(HELD)
    if not isinstance(held, str):
        return []
    return [line_id for line_id in held.split() if states.get(line_id) not in GOOD]
