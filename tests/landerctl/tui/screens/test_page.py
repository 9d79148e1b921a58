from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.app import ComposeResult
from textual.widgets import Static

from daemon.base.paths import StatePaths
from daemon.store.reader import StoreMissingError
from landerctl.tui.console import reading
from landerctl.tui.data.feed import PageRead
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.screens.page import Page
from tests.landerctl.tui.flight_deck import Deck, fly
from tests.landerctl.tui.state_folder import StateFolder


class RunPage(Page[str]):
    """The run's id, read in the feed's thread."""

    def __init__(self, paths: StatePaths) -> None:
        super().__init__("run")
        self._paths = paths

    @property
    def read(self) -> Callable[[Snapshot], str]:
        return self._read

    def _read(self, snapshot: Snapshot) -> str:
        if not self._paths.store.exists():
            raise StoreMissingError("there is no store")
        return f"this run: {snapshot.status.run.id}" if snapshot.status.run else "no run"

    def content(self) -> ComposeResult:
        yield Static(id="text")

    def show_data(self, data: str) -> None:
        self.query_one("#text", Static).update(data)


@pytest.fixture(autouse=True)
def pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGES", {"run": RunPage, "other": RunPage})


@pytest.fixture
def folder(folder: StateFolder) -> StateFolder:
    folder.everything()
    folder.hold_lock()
    return folder


async def open_page(deck: Deck, name: str = "run") -> None:
    await deck.app.action_show_page(name)
    await deck.until(PageRead, lambda message: True)


def test_a_page_shows_header_content_and_what_it_read(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await open_page(deck)
        assert "this run: 2" in deck.text
        assert "daemon up" in deck.lines[0]
        await deck.press("escape")
        assert deck.app.screen is deck.app.dashboard

    fly(folder.paths, (80, 24), steps)


def test_the_dashboard_below_a_page_is_not_drawn_until_it_is_seen_again(
    folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def steps(deck: Deck) -> None:
        shown: list[Snapshot] = []
        show = deck.app.dashboard.show

        def counted(snapshot: Snapshot) -> None:
            shown.append(snapshot)
            show(snapshot)

        monkeypatch.setattr(deck.app.dashboard, "show", counted)
        await open_page(deck)
        await deck.next_snapshot()
        assert not shown
        await deck.press("escape")
        assert shown

    fly(folder.paths, (80, 24), steps)


def test_keys_of_the_app_work_on_a_page(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await open_page(deck)
        await deck.press("3")
        assert deck.app.screen is deck.app.dashboard
        await open_page(deck)
        await deck.press("r")
        assert deck.app.screen is deck.app.dashboard
        assert deck.app.dashboard.lists_checkpoints

    fly(folder.paths, (80, 24), steps)


def test_what_cannot_be_read_is_said(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        page = RunPage(StatePaths(folder.paths.home / "nowhere"))
        deck.app._feed.read_for(page.read)
        await deck.app.push_screen(page)
        await deck.until(PageRead, lambda message: message.fault is not None)
        assert "there is no store" in "".join(n.message for n in deck.app._notifications)

    fly(folder.paths, (80, 24), steps)
