"""The catalogue of events: every event name in the store, and its meaning.

`docs/events.md` is generated from this table.
"""

from __future__ import annotations

from daemon.store.catalogs.events.daemon import DAEMON
from daemon.store.catalogs.events.judging import JUDGING
from daemon.store.catalogs.events.kind import EventKind
from daemon.store.catalogs.events.reporting import REPORTING
from daemon.store.catalogs.events.runs import RUNS
from daemon.store.catalogs.events.states import STATES
from daemon.store.records import Event

CATALOGUE: dict[str, EventKind] = {
    kind.name: kind for kind in (*DAEMON, *RUNS, *STATES, *REPORTING, *JUDGING)
}


def is_routine(event: Event) -> bool:
    """Whether lists hide the event by default."""
    kind = CATALOGUE.get(event.name)
    if kind is None or kind.routine_if is None:
        return kind is not None and kind.routine
    field, value = kind.routine_if
    return event.body.get(field) == value


def _condition(kind: EventKind) -> str:
    if kind.routine_if is None:
        return f"name = '{kind.name}'"
    field, value = kind.routine_if
    return f"name = '{kind.name}' AND json_extract(body, '$.{field}') = '{value}'"


_ROUTINE = [kind for kind in CATALOGUE.values() if kind.routine or kind.routine_if]
# The SQL condition of `is_routine`.
ROUTINE_SQL = " OR ".join(_condition(kind) for kind in _ROUTINE)
