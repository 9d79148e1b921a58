"""Events as they are stored, for whoever follows them until Ctrl-C."""

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
) -> Iterator[list[Event]]:
    """What follows the event `newest_id`, looked for every POLL_S; often nothing.

    Never ends. Raises StoreError.
    """
    # The store is another process's: there is nothing to wait for but time.
    pause = Pause()
    while True:
        found = store.events(
            after_id=newest_id, names=names, min_severity=min_severity, run_id=run_id
        )
        newest_id = found[-1].id if found else newest_id
        yield found
        pause.wait(POLL_S)
