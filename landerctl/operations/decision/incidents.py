"""Closes an incident: in the ledger, and for people in incidents.md."""

from __future__ import annotations

import os
import time

from checks.checklist.gather import gather_facts
from checks.checklist.incidents import KIND, open_incidents
from checks.checklist.ledger.ledger import LedgerError, append
from checks.checklist.ledger.record import Address, Entry, Record
from daemon.base.paths import StatePaths
from daemon.base.text.one_line import one_line
from daemon.protocol.control import Done, Refused
from daemon.rollback import incidents as log
from landerctl.operations.decision.requests import CloseIncident


def close_incident(
    paths: StatePaths, address: Address, id_: str, *, cause: str, by: str, now_s: float
) -> Record:
    """Record that `id_` is closed at `now_s` (Unix). Raises LedgerError, OSError."""
    entry = Entry(
        kind=KIND, subject=id_, time_s=now_s, address=address, holds=True, text=cause, by=by
    )
    record = append(paths.ledger, entry)[0]
    log.append(paths.incidents, log.closed(now_s, id_, by, cause))
    return record


def answer(paths: StatePaths, request: CloseIncident) -> Done | Refused:
    """Close the incident, unless somebody else has."""
    facts = gather_facts(paths, time.time(), (), os.environ)
    if facts.ledger.problem:
        return Refused("damaged", facts.ledger.problem)
    if request.id not in {one.id for one in open_incidents(facts) or []}:
        return Refused("not-found", f"{request.id} is not open; see `landerctl incident list`")
    by, cause = one_line(request.user), one_line(request.note.strip())
    try:
        close_incident(paths, facts.address, request.id, cause=cause, by=by, now_s=facts.now_s)
    except LedgerError as error:
        return Refused("damaged", str(error))
    except OSError as error:
        text = f"{error.filename or paths.ledger}: {os.strerror(error.errno or 0)}"
        return Refused("failed", f"{text}; free space or change its permissions")
    return Done(f"{request.id} is closed by {by}: {cause}")
