"""The page of incidents: what happened, and closing one."""

from __future__ import annotations

import msgspec
import pytest
from textual.widgets import Input, OptionList

from checks.checklist.incidents import Incident
from checks.checklist.ledger.ledger import read_ledger
from daemon.rollback import incidents as log
from daemon.rollback.incident_log import incident_id
from daemon.store.reader import StoreReader
from landerctl.tui.daemon_request import RequestAnswer
from landerctl.tui.data.feed import PageRead
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.screens.dialog import Dialog
from landerctl.tui.screens.incidents.reading import IncidentsReader, as_of, metric_of
from tests.landerctl.tui.flight_deck import SIZES, Deck, fly
from tests.landerctl.tui.state_folder import RUN_ID, StateFolder


@pytest.fixture
def folder(folder: StateFolder) -> StateFolder:
    folder.everything()
    add, now_s = folder.writer.add_event, folder.now_s
    with folder.writer.transaction():
        for index in range(120):
            folder.writer.add_samples(
                now_s - 1500.0 + 10.0 * index, {"disk/free_gb": 40.0 - index / 3.0}
            )
    add(
        "alert.firing",
        "Disk space is running out (disk/free_gb = 9.2, below 10)",
        time_s=now_s - 200.0,
        run_id=RUN_ID,
        severity="critical",
        body={"alert": "disk-low", "value": 9.2},
    )
    add(
        "alert.acknowledged",
        "disk-low was acknowledged by anna: cleaning up",
        time_s=now_s - 150.0,
        body={"alert": "disk-low"},
    )
    add(
        "rollback.started",
        "Rolling back to 000017, by root",
        time_s=now_s - 100.0,
        body={"id": "000017", "by": "root", "automatic": False},
    )
    add("rollback.proven", "It lands 64%", time_s=now_s - 90.0, body={"id": "000017"})
    log.append(folder.paths.incidents, log.opened(now_s - 100.0, "the disk was full", "anna", None))
    return folder


async def open_page(deck: Deck) -> None:
    await deck.press("7")
    await deck.until(PageRead, lambda message: True)


@pytest.mark.parametrize("size", SIZES)
def test_an_incident_and_an_alert_with_their_evidence(
    folder: StateFolder, size: tuple[int, int]
) -> None:
    async def steps(deck: Deck) -> None:
        await open_page(deck)
        assert "1 open incident of 1" in deck.text
        await deck.press("down", "enter")
        assert "the disk was full" in deck.text
        await deck.press("pagedown")
        assert "It lands 64%" in deck.text
        assert "Disk space is running out" in deck.text  # it fired then
        await deck.press("escape", "down", "down")
        await deck.until(PageRead, lambda message: bool(message.data and message.data.evidence))
        await deck.press("enter")
        assert "CRITICAL disk-low" in deck.text
        assert "cleaning up" in deck.text
        await deck.press("end")
        await deck.pilot.pause()
        assert "disk/free_gb around then" in deck.text
        await deck.press("escape", "escape")
        assert deck.app.screen is deck.app.dashboard

    fly(folder.paths, size, steps)


def test_closing_an_incident_needs_its_cause_and_no_daemon(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await open_page(deck)
        await deck.press("down", "c")
        assert isinstance(deck.app.screen, Dialog)
        await deck.next_snapshot()  # there is no daemon: the dialog stays
        await deck.press("enter", "right", "enter")
        assert "Type it first" in "".join(note.message for note in deck.app._notifications)
        assert isinstance(deck.app.focused, Input)
        assert not folder.paths.ledger.exists()
        await deck.press(*"dust", "enter", "right", "enter")
        await deck.until(RequestAnswer, lambda message: True)
        assert "is closed" in deck.text
        await deck.press("escape")
        await deck.until(PageRead, lambda message: True)
        assert "0 open incidents of 1" in deck.text

    fly(folder.paths, (80, 24), steps)
    (record,) = read_ledger(folder.paths.ledger).records
    assert (record.entry.kind, record.entry.text, record.entry.holds) == ("incident", "dust", True)
    assert record.entry.subject == incident_id(folder.now_s - 100.0)
    assert "Cause: dust" in folder.paths.incidents.read_text()


def test_a_filter_and_the_way_back(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await open_page(deck)
        await deck.press("slash", *"full")
        rows = deck.app.screen.query_one(OptionList)
        assert [option.id for option in rows.options] == [
            "incidents",
            f"incident:{incident_id(folder.now_s - 100.0)}",
        ]
        await deck.press("enter", "escape")
        assert rows.option_count > 2
        await deck.press("escape")
        assert deck.app.screen is deck.app.dashboard

    fly(folder.paths, (80, 24), steps)


def snapshot(folder: StateFolder, at_s: float | None) -> Snapshot:
    with StoreReader.open(folder.paths.store) as store:
        events = tuple(store.events(until_s=at_s))
        return Snapshot(at_s or folder.now_s, None, at_s=at_s, status=store.status(), events=events)  # type: ignore[arg-type]


def test_nothing_later_than_a_moment_of_the_past(folder: StateFolder) -> None:
    reader = IncidentsReader(folder.paths)
    then = reader.read(snapshot(folder, folder.now_s - 160.0))
    assert then.incidents == () and then.rollbacks == ()
    assert [alert.later for alert in then.alerts if alert.name == "disk-low"] == [[]]
    now = reader.read(snapshot(folder, None))
    assert len(now.incidents) == 1 and len(now.rollbacks) == 2
    assert reader.read(snapshot(folder, None)) is now
    one = Incident("x", "t", 100.0, closed_s=300.0, by="me", cause="dust")
    assert as_of([one], 200.0) == [Incident("x", "t", 100.0)]
    assert as_of([one], 50.0) == []
    assert as_of([one], 300.0) == [one] == as_of([one], None)


def test_the_evidence_of_the_wanted_alert(folder: StateFolder) -> None:
    reader = IncidentsReader(folder.paths)
    seen = snapshot(folder, None)
    alert = next(one for one in reader.read(seen).alerts if one.name == "disk-low")
    reader.wanted = alert.fired.id
    (evidence,) = reader.read(seen).evidence.values()
    assert evidence.metric == "disk/free_gb"
    assert all(alert.fired.time_s - 1800.0 <= one.time_s for one in evidence.samples)
    assert evidence.samples and evidence.before
    bare = msgspec.structs.replace(alert.fired, text="no metric")
    assert metric_of(bare, seen) == ""


def test_an_unreadable_incident_log_is_said(folder: StateFolder) -> None:
    folder.paths.incidents.unlink()
    folder.paths.incidents.mkdir()

    async def steps(deck: Deck) -> None:
        await open_page(deck)
        assert "incidents.md" in deck.text

    fly(folder.paths, (120, 40), steps)
