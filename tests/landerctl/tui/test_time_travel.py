"""The screen shows the past, says so, changes nothing there, and returns to now."""

from __future__ import annotations

from datetime import datetime

import pytest

from landerctl.tui.data.feed import TravelFailed
from landerctl.tui.data.snapshot import SnapshotTaken
from landerctl.tui.screens.time_dialog import TimeDialog
from tests.landerctl.tui.data.past.known_history import KnownHistory
from tests.landerctl.tui.flight_deck import Deck, fly
from tests.landerctl.tui.state_folder import StateFolder


@pytest.fixture
def history(folder: StateFolder) -> KnownHistory:
    history = KnownHistory(folder)
    history.write()
    folder.hold_lock()
    return history


async def past_is_shown(deck: Deck) -> None:
    await deck.until(SnapshotTaken, lambda message: message.snapshot.at_s is not None)


async def now_is_shown(deck: Deck) -> None:
    await deck.until(SnapshotTaken, lambda message: message.snapshot.at_s is None)


async def go(deck: Deck, history: KnownHistory, after_s: float) -> None:
    moment = datetime.fromtimestamp(history.start_s + after_s).isoformat(timespec="seconds")
    await deck.press("g")
    assert isinstance(deck.app.screen, TimeDialog)
    await deck.press(*moment, "enter")
    await past_is_shown(deck)


@pytest.mark.parametrize("size", [(80, 24), (140, 45), (200, 60)])
def test_a_typed_time_shows_the_run_as_it_was(
    folder: StateFolder, history: KnownHistory, size: tuple[int, int]
) -> None:
    async def steps(deck: Deck) -> None:
        await go(deck, history, 150.0)  # stage 1, an alert fires
        assert "THE PAST: 20" in deck.lines[1]
        assert " min ago" in deck.lines[1]
        assert "End returns to now" in deck.lines[1]
        assert "daemon up" in deck.lines[0]
        assert "▶ 1" in deck.text
        assert "WARNING speed-low" in deck.text
        await deck.press("end")
        await now_is_shown(deck)
        assert "THE PAST" not in deck.text
        assert "speed-low" not in deck.lines[1]

    fly(folder.paths, size, steps)


def test_steps_by_key(folder: StateFolder, history: KnownHistory) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("left_square_bracket")
        await past_is_shown(deck)
        first = deck.app.snapshot
        assert first is not None
        assert first.at_s == pytest.approx(history.start_s + 798.0)
        await deck.press("left_curly_bracket")
        await past_is_shown(deck)
        assert deck.app.snapshot is not None
        assert deck.app.snapshot.at_s == pytest.approx(history.start_s + 709.0)
        await deck.press("right_square_bracket", "right_square_bracket")
        await now_is_shown(deck)

    fly(folder.paths, (80, 24), steps)


def test_nothing_can_be_changed_in_the_past(folder: StateFolder, history: KnownHistory) -> None:
    async def steps(deck: Deck) -> None:
        await go(deck, history, 150.0)
        await deck.press("2")
        for key in ("b", "r", "u", "s"):
            await deck.press(key)
            assert deck.app.screen is deck.app.dashboard
            (toast,) = deck.app._notifications
            assert "press End to return to now" in toast.message
        await deck.press("a", "a")  # the alerts screen can be read, but acknowledges nothing
        (toast,) = deck.app._notifications
        assert "press End to return to now" in toast.message
        assert deck.app._request_in_progress is None

    fly(folder.paths, (80, 24), steps)


def test_what_is_no_time_and_what_is_not_recorded_is_said(
    folder: StateFolder, history: KnownHistory
) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("g", *"soon", "enter")
        assert isinstance(deck.app.screen, TimeDialog)
        assert "is not a time" in deck.text
        await deck.press("escape", "g", *"9h", "enter")
        await deck.until(TravelFailed, lambda message: "Nothing is recorded" in message.text)
        assert "THE PAST" not in deck.text

    fly(folder.paths, (80, 24), steps)


def test_alerts_that_fire_now_are_named_in_the_past(
    folder: StateFolder, history: KnownHistory
) -> None:
    folder.writer.put_alerts([folder.alert()])

    async def steps(deck: Deck) -> None:
        await go(deck, history, 350.0)
        assert "FIRING NOW: disk-low" in deck.lines[1]

    fly(folder.paths, (140, 45), steps)


def test_the_end_key_belongs_to_the_focused_panel_while_now_is_shown(
    folder: StateFolder, history: KnownHistory
) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("3", "home")
        events = deck.app.dashboard.query_one("#events")
        assert events.scroll_y == 0.0
        await deck.press("end")
        assert events.scroll_target_y == events.max_scroll_y > 0.0
        await go(deck, history, 150.0)
        await deck.press("end")
        await now_is_shown(deck)

    fly(folder.paths, (80, 24), steps)
