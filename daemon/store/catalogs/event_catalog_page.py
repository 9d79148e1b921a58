"""`docs/events.md`: `python -m daemon.store.catalogs.event_catalog_page > docs/events.md`."""

from __future__ import annotations

import sys
from itertools import groupby

from daemon.store.catalogs.event_catalog import CATALOGUE
from daemon.store.catalogs.events.kind import EventKind

HEAD = """\
# Events

All events that the store can record. Generated from `daemon/store/catalogs/events/` by
`python -m daemon.store.catalogs.event_catalog_page`; a test keeps the two in step.

Each event has an id, a time (Unix seconds), a name, a severity, the run's id, a text for people
and a JSON body with the fields listed below. Names and fields are stable. The severity listed is
the default: an alert's event has its rule's severity.

Events marked routine are frequent, and what they say is shown elsewhere: `landerctl events` and the
screen hide them; `landerctl events --all` and `--name` show them.
"""
COLUMNS = """\
| Name | Severity | Meaning | Body |
| --- | --- | --- | --- |"""


def render_events_page() -> str:
    """The page as Markdown, one table per event prefix."""
    parts = [HEAD]
    for subject, kinds in groupby(CATALOGUE.values(), key=_subject):
        rows = "\n".join(_row(kind) for kind in kinds)
        parts.append(f"## {subject}\n\n{COLUMNS}\n{rows}\n")
    return "\n".join(parts)


def _subject(kind: EventKind) -> str:
    return kind.name.partition(".")[0]


def _row(kind: EventKind) -> str:
    fields = ", ".join(f"`{field}`" for field in kind.fields)
    return f"| `{kind.name}` | {kind.severity} | {kind.meaning}{_routine(kind)} | {fields} |"


def _routine(kind: EventKind) -> str:
    if kind.routine_if is not None:
        field, value = kind.routine_if
        return f"; routine if `{field}` is {value}"
    return "; routine" if kind.routine else ""


if __name__ == "__main__":
    sys.stdout.write(render_events_page())
