from __future__ import annotations

import msgspec
import pytest

from daemon.store.records import Event
from landerctl.tui.screens.alerts import AlertsScreen
from landerctl.tui.screens.records.event import event_facts, links
from landerctl.tui.screens.records.events import kinds, names_of
from landerctl.tui.screens.records.logs import LogsPage
from landerctl.tui.widgets.lists.record_list import RecordList
from tests.landerctl.tui.flight_deck import Deck, fly
from tests.landerctl.tui.screens.records.test_logs import read, write
from tests.landerctl.tui.state_folder import StateFolder

EVENT = Event(
    7,
    1_785_000_000.0,
    "trainer.running",
    "info",
    "run-1",
    "Training runs",
    {"pid": 4242, "startup_s": 161.5, "fine": True},
)


@pytest.fixture
def folder(folder: StateFolder) -> StateFolder:
    folder.everything()
    folder.hold_lock()
    folder.writer.put_alerts([folder.alert()])
    write(folder, "log line", ago_s=60.0)
    return folder


def add(folder: StateFolder, name: str, text: str, **body: str) -> None:
    folder.writer.add_event(name, text, time_s=folder.now_s - 60.0, body=dict(body))


def rows(deck: Deck) -> list[str]:
    return [row.lines[0] for row in deck.app.screen.query_one(RecordList).rows]


def test_kind_severity_text_and_routine_events(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("e")
        await read(deck, 2)
        every = rows(deck)
        assert "speed-low: 430 steps/s, below 500" in every and "following" in deck.text
        await deck.press("v")
        await read(deck, 2)
        assert rows(deck) == [text for text in every if "speed-low" in text or "SIGKILL" in text]
        await deck.press("v", "v", "k")
        assert "Kind of event" in deck.text
        await deck.press("down", "enter")
        await read(deck, 2)
        assert rows(deck) == ["The supervisor runs (pid 4242)"]
        await deck.press("k", "home", "enter", "slash", *"gate saved", "enter")
        await read(deck, 2)
        assert len(rows(deck)) == 2 and "with “gate saved”" in deck.text

    fly(folder.paths, (80, 24), steps)


def test_an_event_is_opened_and_leads_to_its_checkpoint(folder: StateFolder) -> None:
    chosen = folder.checkpoint(30, 13_300_000).id
    folder.checkpoint(31, 13_350_000)
    add(folder, "trainer.resumed", "Resumes", checkpoint=chosen)

    async def steps(deck: Deck) -> None:
        await deck.press("3", "enter")
        await read(deck, 2)
        await deck.press("enter")
        assert "→ Checkpoint " in deck.text
        assert "Training resumes from a checkpoint." in deck.text
        await deck.press("enter")
        assert deck.app.screen is deck.app.dashboard
        selected = deck.app.dashboard.selected
        assert selected is not None and selected.id == chosen

    fly(folder.paths, (120, 40), steps)


def test_an_event_leads_to_its_alert_and_to_the_logs_of_its_time(folder: StateFolder) -> None:
    add(folder, "alert.firing", "disk-low: 9.2, below 10", alert="disk-low")

    async def steps(deck: Deck) -> None:
        await deck.press("e")
        await read(deck, 2)
        await deck.press("enter", "enter")
        assert isinstance(deck.app.screen, AlertsScreen) and "disk-low" in deck.text
        await deck.press("escape", "enter", "end", "enter")
        await read(deck, 2)
        assert isinstance(deck.app.screen, LogsPage) and "log line" in deck.text

    fly(folder.paths, (120, 40), steps)


def test_everything_recorded_is_shown_with_its_unit() -> None:
    lines = [line.plain for line in event_facts(EVENT)]
    facts = dict(line.split(maxsplit=1) for line in lines[3:] if line)
    assert lines[:2] == ["Training runs", "The first heartbeat of a trainer arrived."]
    assert facts["run"] == "run-1"
    assert facts["pid"] == "4,242"
    assert facts["startup_s"].startswith("161.5 s (2 min")
    assert (facts["fine"], facts["trained_s"]) == ("yes", "not recorded")


def test_links() -> None:
    def kinds_of(name: str, pages: tuple[str, ...] = (), **body: str) -> list[tuple[str, str]]:
        event = msgspec.structs.replace(EVENT, name=name, body=dict(body))
        return [(link.kind, link.target) for link in links(event, pages)]

    state = "000042-1376256-gate"
    assert kinds_of("backup.made", id=state) == [("checkpoint", state), ("logs", "")]
    assert kinds_of("run.restored", id="run-1") == [("logs", "")]
    assert kinds_of("notify.sent", alerts="a, b")[:2] == [("alert", "a"), ("alert", "b")]
    assert ("incidents", "") in kinds_of("rollback.done", ("incidents",), id=state)


def test_every_kind_can_be_chosen() -> None:
    for kind, meaning in kinds():
        names = names_of(kind)
        assert meaning and (names is None or names)
