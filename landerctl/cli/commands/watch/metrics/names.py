"""Which run and which metrics are meant."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from daemon.runs.run_folder import current_run
from daemon.store.reader import StoreReader
from landerctl.cli.arguments.runs import find_run_id
from landerctl.cli.shared.session import Session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure


def find_run(reader: StoreReader, session: Session, run_id: str | None) -> str:
    """The run asked for, else the current one. Raises Failure and StoreError."""
    known = [one.run_id for one in reader.sessions()]
    if run_id is not None:
        return find_run_id(session, run_id, known)
    if (current := current_run(session.paths)) is not None:
        return current.id
    if (found := next(reversed(known), None)) is None:
        raise Failure(f"{session.paths.home}: no run has been trained here yet", Exit.NOT_FOUND)
    return found


def require_metric(name: str, known: Collection[str], verbs: Collection[str] = ()) -> None:
    """Raises Failure if no metric has this name; one of `verbs` may have been meant instead."""
    if name not in known:
        close = difflib.get_close_matches(name, [*known, *verbs], n=1)
        hint = f"did you mean {close[0]}?" if close else "see `landerctl metrics`"
        raise Failure(f"no metric named {name!r}; {hint}", Exit.NOT_FOUND)
