from __future__ import annotations

import pytest

from daemon.store.records import Event
from landerctl.tui.data.windows import event_window
from landerctl.tui.data.windows.event_window import EventsWanted, EventWindow
from landerctl.tui.data.windows.window import Wanted, Window
from tests.landerctl.tui.state_folder import StateFolder


@pytest.fixture
def folder(folder: StateFolder, monkeypatch: pytest.MonkeyPatch) -> StateFolder:
    monkeypatch.setattr(event_window, "CHUNK", 10)
    monkeypatch.setattr(event_window, "MAX_RECORDS", 25)
    with folder.writer.transaction():
        for number in range(100):
            add(folder, number)
    return folder


def add(folder: StateFolder, number: int, name: str = "checkpoint.saved") -> None:
    folder.writer.add_event(
        name,
        f"event {number}",
        time_s=1000.0 + number,
        body={"id": f"{number:06d}-100%-gate", "kind": "interval" if number % 2 else "gate"},
    )


def wanted(serial: int = 0, at_s: float | None = None, **counts: int) -> Wanted[EventsWanted]:
    return Wanted(serial, EventsWanted(routine=True), at_s, **counts)


def numbers(shown: Window[Event]) -> list[int]:
    return [int(event.text.split()[-1]) for event in shown.items]


def test_all_events_of_the_store_can_be_reached(folder: StateFolder) -> None:
    page = EventWindow(folder.paths)
    assert numbers(page.read(wanted(), None)) == list(range(90, 100))
    add(folder, 100)
    assert numbers(page.read(wanted(), None))[-1] == 100
    for times in range(1, 12):
        shown = page.read(wanted(older=times), None)
    assert (numbers(shown), shown.at_start, shown.at_end) == (list(range(25)), True, False)
    for times in range(1, 12):
        shown = page.read(wanted(older=11, newer=times), None)
    assert (numbers(shown), shown.at_end) == (list(range(76, 101)), True)


def test_filters(folder: StateFolder) -> None:
    add(folder, 100, "trainer.crashed")
    page = EventWindow(folder.paths)

    def found(serial: int, filtered: EventsWanted) -> list[int]:
        return numbers(page.read(Wanted(serial, filtered), None))

    assert found(1, EventsWanted(severity="critical")) == [100]
    assert found(2, EventsWanted(names=("trainer.crashed",))) == [100]
    assert found(3, EventsWanted(text="000042-100%")) == [42]
    assert found(4, EventsWanted(text="EVENT 42")) == [42]
    assert found(5, EventsWanted(text="_00042")) == []  # no pattern
    assert found(6, EventsWanted())[-3:] == [96, 98, 100]


def test_it_begins_at_a_time_and_shows_nothing_later_than_the_past(folder: StateFolder) -> None:
    page = EventWindow(folder.paths)
    shown = page.read(wanted(1, at_s=1050.0), None)
    assert (numbers(shown), shown.at_end) == (list(range(41, 61)), False)
    assert numbers(page.read(wanted(2), 1030.0)) == list(range(21, 31))
