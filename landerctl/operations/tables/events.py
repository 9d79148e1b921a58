"""Events as a table: a row an event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from daemon.base.text.one_line import one_line
from daemon.store.reader import StoreReader
from landerctl.operations.tables.table import Cell, Table

AT_ONCE = 1000


def events_table(
    reader: StoreReader,
    *,
    run_id: str | None = None,
    since_s: float | None = None,
    until_s: float | None = None,
) -> Table:
    """The events (of a run) between two times (Unix), in the order they were recorded.

    Routine ones too. Reading the rows raises StoreError.
    """

    def rows() -> Iterator[Sequence[Cell]]:
        last_id = -1
        while found := reader.events(
            after_id=last_id, limit=AT_ONCE, run_id=run_id, since_s=since_s, until_s=until_s
        ):
            for event in found:
                body = msgspec.json.encode(event.body).decode()
                yield (
                    *(event.id, event.time_s, event.name, event.severity, event.run_id),
                    one_line(event.text),
                    body,
                )
            last_id = found[-1].id

    return Table(
        {
            "id": "integer",
            "time_s": "number",
            "name": "text",
            "severity": "text",
            "run_id": "text",
            "text": "text",
            "body": "json",
        },
        rows(),
    )
