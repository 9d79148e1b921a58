"""The daemon judges the checklist in a process of its own, and records what turned."""

from __future__ import annotations

import os
import signal

from checks.checklist.ledger.address import address_of
from checks.checklist.ledger.ledger import append
from checks.checklist.ledger.record import Entry
from daemon.config import load_config
from daemon.store.records import Status
from tests.daemon.harness import Home
from tests.waiting import eventually

FOREVER_S = 60.0  # the processes of other tests may have the machine to themselves


def test_lines_that_turn_are_events_and_the_status_has_the_counts(home: Home) -> None:
    home.config.write_text(f"{home.config.read_text()}\n[checklist]\ninterval_s = 0.2\n")
    daemon = home.started()

    def judged() -> Status | None:
        status = home.status()
        return status if status.checklist is not None else None

    first = eventually(judged, "the checklist is judged", FOREVER_S).checklist
    assert first is not None and sum(first.counts.values()) > 170
    said = Entry(
        kind="signoff",
        subject="team-notified",
        time_s=first.time_s,
        address=address_of(home.paths, load_config(home.config).config),
        by="Ada",
    )
    append(home.paths.ledger, said)

    def turned() -> bool:
        names = [event.body["line"] for event in home.events("checklist.turned")]
        return "before.team-notified" in names

    eventually(turned, "the signed line turns", FOREVER_S)
    event = next(
        one for one in home.events("checklist.turned") if one.body["line"] == "before.team-notified"
    )
    assert (event.severity, event.body["now"]) == ("info", "holds")
    content = home.paths.ledger.read_bytes()
    home.paths.ledger.write_bytes(content.replace(b'"Ada"', b'"Eve"'))

    def refused() -> bool:
        events = home.events("checklist.refused")
        return any("(signoff team-notified) was edited" in event.text for event in events)

    eventually(refused, "the edit is an event", FOREVER_S)
    os.kill(daemon.pid, signal.SIGTERM)
    assert daemon.wait(20) == 0
