"""A read-only screen: no action that changes something is reachable, by whatever path."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from textual.widgets._footer import FooterKey

from daemon.protocol.control import BackupRequest, Done, StopRequest
from landerctl.tui import actions
from landerctl.tui.actions import ACTIONS, Action
from landerctl.tui.console.acting import READ_ONLY
from landerctl.tui.daemon_request import DaemonRequest, RequestAnswer
from landerctl.tui.pages import PAGES
from landerctl.tui.questions import acknowledgement, stop_question
from landerctl.tui.screens.alerts import AlertsScreen
from landerctl.tui.screens.dialog import Dialog
from tests.landerctl.tui.flight_deck import Deck, fly
from tests.landerctl.tui.small_daemon import SmallDaemon
from tests.landerctl.tui.state_folder import StateFolder

WIDE = (140, 40)
TABLES = [
    table
    for table in vars(actions).values()
    if isinstance(table, tuple) and all(isinstance(one, Action) for one in table)
]
CHANGING = [action for table in TABLES for action in table if action.changes]
KEYS = {action.key for action in CHANGING}


@pytest.fixture
def folder(folder: StateFolder) -> StateFolder:
    folder.everything()
    folder.hold_lock()
    return folder


def toasts(deck: Deck) -> str:
    return "\n".join(note.message for note in deck.app._notifications)


async def press_all(deck: Deck) -> None:
    """Every key of an action that changes something, and whatever a dialog then offers."""
    for key in sorted(KEYS):
        await deck.press(key)
        assert not isinstance(deck.app.screen, Dialog), key


async def run_all(deck: Deck) -> None:
    """Every such action, as bindings, links and the palette name them."""
    for action in CHANGING:
        for name in (action.name, f"app.{action.name}", f"screen.{action.name}"):
            deck.app.clear_notifications()
            assert await deck.app.run_action(name, deck.app.screen)
            await deck.pilot.pause()
            assert READ_ONLY in toasts(deck), name
            assert not isinstance(deck.app.screen, Dialog), name


async def click_footer(deck: Deck) -> None:
    """No key of the footer changes anything."""
    shown = {
        key.action.rpartition(".")[2].partition("(")[0] for key in deck.app.screen.query(FooterKey)
    }
    assert shown and not shown & actions.CHANGING


async def walk(deck: Deck) -> None:
    await press_all(deck)
    await run_all(deck)
    await click_footer(deck)


def test_no_path_leads_to_a_request(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        assert "read-only" in deck.lines[0]
        await walk(deck)
        await deck.press("2")
        await walk(deck)
        names = {command.title for command in deck.app.get_system_commands(deck.app.screen)}
        assert names == {action.label for action in ACTIONS if not action.changes}
        for page in PAGES:
            await deck.app.action_show_page(page)
            await deck.footer_is_shown()
            assert "read-only" in deck.lines[0]
            for action in CHANGING:
                assert await deck.app.run_action(action.name, deck.app.screen)
            await click_footer(deck)
            await deck.app.action_close_page()
        await deck.app.run_action("alerts")
        await deck.footer_is_shown()
        assert isinstance(deck.app.screen, AlertsScreen)
        await walk(deck)
        assert isinstance(deck.app.screen, AlertsScreen)
        # Messages, as a fault of a screen might post them.
        snapshot = deck.app.snapshot
        assert snapshot is not None
        deck.app.post_message(AlertsScreen.ActionChosen(acknowledgement("speed-low", "me")))
        await deck.until(RequestAnswer, lambda news: READ_ONLY in getattr(news.answer, "text", ""))
        deck.app.post_message(AlertsScreen.ActionChosen(stop_question(snapshot)))
        await deck.pilot.pause()
        assert not isinstance(deck.app.screen, Dialog)
        deck.app.post_message(Dialog.Confirmed(DaemonRequest(StopRequest(), "Stopping")))
        await deck.until(RequestAnswer, lambda news: READ_ONLY in getattr(news.answer, "text", ""))
        deck.app._send(DaemonRequest(BackupRequest(), "Backing up"))
        await deck.until(RequestAnswer, lambda news: READ_ONLY in getattr(news.answer, "text", ""))
        for method in ("backup", "stop_daemon"):
            getattr(deck.app, f"action_{method}")()
        await deck.pilot.pause()

    with SmallDaemon(folder.paths, [Done("done")]) as daemon:
        fly(folder.paths, WIDE, steps, read_only=True)
    assert daemon.asked == []


def test_the_configuration_makes_an_open_screen_read_only(
    folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landerctl.tui.data.reader.CONFIG_INTERVAL_S", 0.0)
    config = folder.paths.home / "config.toml"

    async def steps(deck: Deck) -> None:
        assert "read-only" not in deck.lines[0]
        config.write_text("[tui]\nread_only = true\n")
        await deck.next_snapshot()
        assert "read-only" in deck.lines[0]
        await deck.press("b")
        assert READ_ONLY in toasts(deck)
        config.write_text("[tui\n")  # broken: it stays as it was
        await deck.next_snapshot()
        assert "read-only" in deck.lines[0]
        config.write_text("")
        await deck.next_snapshot()
        await deck.press("b")
        await deck.until(RequestAnswer, lambda news: isinstance(news.answer, Done))

    with SmallDaemon(folder.paths, [Done("made")]) as daemon:
        fly(folder.paths, (80, 24), steps)
    assert daemon.asked == [BackupRequest()]


def test_requests_leave_the_screen_in_one_place() -> None:
    """`_send` refuses for all: nothing else in the screen may reach the daemon's client."""
    users: dict[str, set[str]] = {}
    for path in sorted(Path("landerctl/tui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    users.setdefault(alias.name, set()).add(str(path))
    assert users["send_in_thread"] == {"landerctl/tui/console/acting.py"}
    assert users["request"] == {"landerctl/tui/daemon_request.py"}
