from __future__ import annotations

import pytest

from daemon.protocol.trainer import EpisodesEnded, OutcomeCount
from landerctl.tui.data.feed import PageRead
from landerctl.tui.landings.records import Landings
from landerctl.tui.screens.details import DetailsScreen
from landerctl.tui.screens.flight import FlightPage
from landerctl.tui.screens.landings import LandingsPage, PageData
from tests.evaluation_samples import keep_evaluation, trajectories
from tests.landerctl.tui.flight_deck import SIZES, Deck, fly
from tests.landerctl.tui.landings.test_causes import failed
from tests.landerctl.tui.state_folder import RUN_ID, StateFolder


@pytest.fixture
def folder(folder: StateFolder) -> StateFolder:
    folder.everything()
    folder.hold_lock()
    now_s, evaluations = folder.now_s, folder.run.evaluations
    keep_evaluation(evaluations, trajectories(("landed", "landed")), "older", now_s - 900.0)
    newest = trajectories(("landed", "crashed", "landed", "off_target"), miss_m=2.0)
    keep_evaluation(evaluations, newest, "newer", now_s - 60.0)
    ended = [OutcomeCount(2, "landed", 30), OutcomeCount(2, "crashed", 10)]
    folder.writer.add_episodes(
        RUN_ID, EpisodesEnded(now_s - 30.0, ended, [failed(11), failed(12, "timeout")])
    )
    return folder


def has_landings(message: PageRead) -> bool:
    return isinstance(message.data, PageData) and message.data.landings is not None


def has_failed(message: PageRead) -> bool:
    return isinstance(message.data, PageData) and message.data.failed is not None


async def open_page(deck: Deck) -> None:
    await deck.press("5")
    await deck.until(PageRead, has_landings)


@pytest.mark.parametrize("size", SIZES)
def test_the_page_shows_the_newest_evaluation(folder: StateFolder, size: tuple[int, int]) -> None:
    async def steps(deck: Deck) -> None:
        await open_page(deck)
        for words in ("newer", "evaluation 2 of 2", "landed 50%", "✖ crashed 1", "pad"):
            assert words in deck.text, words
        for words in ("Touchdowns", "half within", "Descents", "crashed, 20.0 m from the"):
            assert words in deck.text, words
        await deck.press("v")
        assert "off target" in deck.text
        assert "503" in deck.text

    fly(folder.paths, size, steps)


def test_left_and_right_choose_the_evaluation(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await open_page(deck)
        await deck.press("left")
        await deck.until(PageRead, lambda m: has_landings(m) and m.data.landings.position == 1)
        assert "landed 100%" in deck.text
        await deck.press("left", "right")
        await deck.until(PageRead, lambda m: has_landings(m) and m.data.landings.position == 2)
        assert "landed 50%" in deck.text
        # At the newest the page follows.
        keep_evaluation(
            folder.run.evaluations, trajectories(("landed",)), "newest", folder.now_s - 1.0
        )
        await deck.until(PageRead, lambda m: has_landings(m) and m.data.landings.total == 3)
        assert "evaluation 3 of 3" in deck.text

    fly(folder.paths, (80, 24), steps)


def test_the_cursor_chooses_the_flight_and_enter_says_everything(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await open_page(deck)
        await deck.press("down")
        assert "off target, 20.0 m from the pad, seed 503" in deck.text
        await deck.press("enter")
        assert isinstance(deck.app.screen, DetailsScreen)
        assert "fly --pilot newer --stage 2 --seed 503" in deck.text
        await deck.press("escape")
        assert isinstance(deck.app.screen, LandingsPage)
        await deck.press("escape")
        assert deck.app.screen is deck.app.dashboard

    fly(folder.paths, (120, 40), steps)


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
def test_w_says_why_training_episodes_failed(folder: StateFolder, size: tuple[int, int]) -> None:
    async def steps(deck: Deck) -> None:
        await open_page(deck)
        await deck.press("w")
        await deck.until(PageRead, has_failed)
        for words in ("10 of 40 failed, 25%", "✖ crashed", "◆ out of time", "7.6"):
            assert words in deck.text, words
        await deck.press("down", "enter")
        assert isinstance(deck.app.screen, DetailsScreen)
        assert "fly --pilot newest --difficulty 1.75 --seed 11" in deck.text
        await deck.press("escape", "w")
        await deck.until(PageRead, has_landings)
        assert "evaluation 2 of 2" in deck.text

    fly(folder.paths, size, steps)


def test_nothing_is_drawn_again_until_something_changes(
    folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def steps(deck: Deck) -> None:
        await open_page(deck)
        drawings = [deck.app.screen.query_one(name) for name in ("#touchdowns", "#descents")]
        painted: list[object] = []
        for one in drawings:
            monkeypatch.setattr(one, "refresh", lambda *a, **k: painted.append(a))
        for _ in range(2):
            await deck.next_snapshot()
        assert painted == []
        await deck.press("down")
        assert painted

    fly(folder.paths, (120, 40), steps)


def test_the_dashboard_shows_the_newest_evaluation_where_there_is_room(
    folder: StateFolder,
) -> None:
    async def steps(deck: Deck) -> None:
        await deck.until(PageRead, lambda message: isinstance(message.data, Landings))
        assert "Touchdowns of newer" in deck.text
        assert "thick: the worst" in deck.text

    fly(folder.paths, (200, 60), steps)


def test_a_small_dashboard_reads_no_evaluation(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.until(PageRead, lambda message: message.data is None)
        assert "Touchdowns" not in deck.text

    fly(folder.paths, (120, 40), steps)


def test_f_on_a_flight_opens_it_above_the_page_and_escape_goes_back(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await open_page(deck)
        await deck.press("down", "f")
        page = deck.app.screen
        assert isinstance(page, FlightPage)
        assert page.playback is not None
        # There is no such checkpoint in this folder: the page says so.
        while page.playback.failure is None:
            await deck.pilot.pause(0.05)
        await deck.pilot.pause()
        assert "✖" in deck.text
        assert "newer" in deck.text
        await deck.press("escape")
        assert isinstance(deck.app.screen, LandingsPage)
        assert "seed 503" in deck.text

    fly(folder.paths, (120, 40), steps)


def test_f_on_the_dashboard_flies_the_selected_checkpoint(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("f")
        assert deck.app.screen is deck.app.dashboard
        assert deck.app.dashboard.lists_checkpoints
        await deck.press("down", "f")
        assert isinstance(deck.app.screen, FlightPage)
        assert deck.app.screen._order.pilot == "000025-12500000-interval"
        await deck.press("3")
        assert deck.app.screen is deck.app.dashboard

    fly(folder.paths, (80, 24), steps)
