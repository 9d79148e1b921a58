"""Polls the store for new events."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event as Pause

from daemon.config.schema import Severity
from daemon.store.reader import StoreReader
from daemon.store.records import Event

POLL_S = 0.5


def follow(
    store: StoreReader,
    newest_id: int,
    *,
    names: list[str] | None = None,
    min_severity: Severity | None = None,
    run_id: str | None = None,
    routine: bool = True,
) -> Iterator[list[Event]]:
    """Yield the events after `newest_id`, polled every POLL_S seconds; often an empty list.

    Never ends. Raises StoreError.
    """
    # Polling: another process writes the store, and SQLite has no notification.
    pause = Pause()
    while True:
        found = store.events(
            after_id=newest_id,
            names=names,
            min_severity=min_severity,
            run_id=run_id,
            routine=routine,
        )
        newest_id = found[-1].id if found else newest_id
        yield found
        pause.wait(POLL_S)
