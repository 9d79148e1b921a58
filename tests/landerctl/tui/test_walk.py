"""Every key of the footer, on every size, in every state of a state folder."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.widgets import OptionList
from textual.widgets._footer import FooterKey

from daemon.protocol.trainer import Startup, StartupStep
from landerctl.tui.actions import ACTIONS
from tests.landerctl.tui.flight_deck import Deck, fly
from tests.landerctl.tui.state_folder import StateFolder

SIZES = [(60, 20), (80, 24), (140, 45)]
KEYS = [action.key for action in ACTIONS if action.in_footer and action.name != "quit"]


def running(folder: StateFolder) -> None:
    folder.everything()
    folder.writer.put_alerts([folder.alert()])
    folder.hold_lock()


def stopped(folder: StateFolder) -> None:
    folder.everything()
    folder.daemon(stopped_s=folder.now_s - 60.0, reason="landerctl stop")


def dead(folder: StateFolder) -> None:
    folder.everything()


def completed(folder: StateFolder) -> None:
    folder.everything()
    folder.trainer(state="EXITED", last_exit="exit code 0: training completed")
    folder.hold_lock()


def starting(folder: StateFolder) -> None:
    folder.daemon()
    folder.run_record()
    startup = Startup(StartupStep("compiling", "compile the flight code", 3.0), done=3, total=78)
    folder.trainer(state="STARTING", phase="compiling", startup=startup)
    folder.hold_lock()


def empty(folder: StateFolder) -> None:
    """Nothing has run here."""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", [running, stopped, dead, completed, starting, empty])
def test_each_key_works_or_says_why_not_and_escape_leads_back(
    folder: StateFolder,
    state: Callable[[StateFolder], None],
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if size == (80, 24):
        monkeypatch.setenv("NO_COLOR", "1")
    state(folder)

    async def steps(deck: Deck) -> None:
        base = deck.app.screen
        for key in KEYS:
            before = deck.text
            await deck.press(key)
            opened = deck.app.screen
            assert opened is not base or deck.app._notifications or deck.text != before, key
            if opened is not base:
                await deck.footer_is_shown()
                # Without an alert nothing is there to choose from.
                choices = opened.query(OptionList)
                assert opened.focused is not None or choices or key == "question_mark", key
                keys = [found.region for found in opened.query(FooterKey)]
                assert all(opened.region.contains_region(region) for region in keys), key
                await deck.press("escape")
            assert deck.app.screen is base, key
            deck.app.clear_notifications()

    fly(folder.paths, size, steps)


@pytest.mark.parametrize("key", ["1", "2", "3"])
def test_a_panel_comes_into_sight_with_its_key(folder: StateFolder, key: str) -> None:
    running(folder)
    name = {"1": "chart", "2": "checkpoints", "3": "events"}[key]

    async def steps(deck: Deck) -> None:
        await deck.press(key)
        await deck.pilot.pause()
        panel = deck.app.query_one(f"#{name}")
        assert deck.app.focused is panel
        assert deck.app.query_one("#body").region.contains_region(panel.region)

    fly(folder.paths, (60, 20), steps)


def test_an_empty_list_of_alerts_offers_no_key_but_close(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("a")
        await deck.footer_is_shown()
        assert [key.description for key in deck.app.screen.query(FooterKey)] == ["Close"]
        assert "No daemon has checked yet" in deck.text

    fly(folder.paths, (60, 20), steps)
