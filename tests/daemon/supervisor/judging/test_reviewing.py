"""The daemon makes each review once, and sends it."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from checks.checklist.ledger.ledger import read_ledger
from daemon.protocol.control import Done, SendReviewRequest
from daemon.store.records import RunRecord
from daemon.store.writer import StoreWriter
from tests.daemon.harness import NOTICES_IN_A_FILE, Home
from tests.waiting import eventually

FOREVER_S = 60.0  # the processes of other tests may have the machine to themselves
DAY_S = 86_400.0
SETTINGS = """
[checklist]
interval_s = 0.2
[reviews]
targets = ["file"]
"""


def reviews(home: Home) -> list[str]:
    return [record.entry.subject for record in read_ledger(home.paths.ledger).backwards("review")]


def test_a_review_that_is_due_is_made_once_and_sent(home: Home, tmp_path: Path) -> None:
    notices = tmp_path / "notices"
    settings = home.config.read_text() + NOTICES_IN_A_FILE.format(notices=notices) + SETTINGS
    home.config.write_text(settings)
    with closing(StoreWriter.open(home.paths.store)) as store:
        began_s = time.time() - 14 * DAY_S
        store.put_run(RunRecord(home.run.id, began_s, "curriculum", "ppo", 128))
        # A machine that was off for a week must have its clock confirmed.
        store.add_event("daemon.stopped", "", time_s=time.time() - DAY_S, run_id=home.run.id)
    daemon = home.started()
    # Two weeks were missed: one of each is due.
    done = [home.event("review.done", count) for count in (1, 2)]
    assert [event.body["kind"] for event in done] == ["daily", "weekly"]
    eventually(lambda: notices.exists() and "REVIEW weekly" in notices.read_text(), "both are sent")
    assert "daily review: " in notices.read_text()
    assert home.ask(SendReviewRequest("span", "of three hours")) == [
        Done("The review is on its way to file")
    ]
    eventually(lambda: "REVIEW span: of three hours" in notices.read_text(), "it is sent")
    home.stop(daemon)
    assert reviews(home) == ["weekly", "daily"]

    # Killed between the ledger and the event: announced, not made again.
    with closing(StoreWriter.open(home.paths.store)) as store:
        store._connection.execute("DELETE FROM events WHERE name = 'review.done'")
    daemon = home.started()
    again = [home.event("review.done", count) for count in (1, 2)]
    assert [event.body["record"] for event in again] == [event.body["record"] for event in done]
    home.stop(daemon)

    # A third start: nothing is due any more.
    daemon = home.started()
    home.trainer_state("RUNNING")
    eventually(lambda: home.status().checklist, "the checklist is judged", FOREVER_S)
    home.stop(daemon)
    assert len(home.events("review.done")) == 2
    assert reviews(home) == ["weekly", "daily"]
