"""Drives the real screen headless: waits for messages, reads the displayed text."""

from __future__ import annotations

import asyncio
import html
import re
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import TypeVar

from textual.geometry import Region
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets._footer import FooterKey

from daemon.base.paths import StatePaths
from landerctl.exitcodes import Exit
from landerctl.tui.app import LanderctlApp
from landerctl.tui.daemon_request import RequestAnswer
from landerctl.tui.data.feed import PageRead, TravelFailed
from landerctl.tui.data.snapshot import Snapshot, SnapshotTaken

TIMEOUT_S = 20.0
SIZES = [(80, 24), (120, 40), (200, 60)]
M = TypeVar("M", bound=Message)


class Deck:
    """An open screen."""

    def __init__(self, app: LanderctlApp, pilot: Pilot[Exit]) -> None:
        self.app = app
        self.pilot = pilot
        self._heard: list[Message] = []
        self._news = asyncio.Event()

    def hear(self, message: Message) -> None:
        if isinstance(message, SnapshotTaken | RequestAnswer | PageRead | TravelFailed):
            self._heard.append(message)
            self._news.set()

    async def until(self, kind: type[M], wanted: Callable[[M], bool]) -> None:
        """Wait for a new message accepted by `wanted`, and until it is processed."""
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                self._news.clear()
                while self._heard:
                    message = self._heard.pop(0)
                    if isinstance(message, kind) and wanted(message):
                        await self.pilot.pause()
                        return
                await self._news.wait()

    async def until_true(self, condition: Callable[[], bool]) -> None:
        """Wait through snapshots; a loaded machine may need many."""
        end_s = time.monotonic() + TIMEOUT_S
        while not condition():
            if time.monotonic() > end_s:
                raise AssertionError(self.text)
            await self.next_snapshot()

    async def next_snapshot(self) -> None:
        """Wait for a snapshot started after this call: the next one may already be in progress."""
        for _ in range(2):
            self.app._feed.read_now()
            await self._newer_than(self.app.snapshot)

    async def _newer_than(self, shown: Snapshot | None) -> None:
        after_s = shown.read_s if shown else 0.0
        await self.until(SnapshotTaken, lambda message: message.snapshot.read_s > after_s)

    async def footer_is_shown(self) -> None:
        """Whether the footer is laid out; Textual does that some time after a screen is shown."""
        async with asyncio.timeout(TIMEOUT_S):
            while not any(key.region.area for key in self.app.screen.query(FooterKey)):
                await self.pilot.pause()

    async def settled(self) -> None:
        """Wait until no widget moves any more: one that is shown late is laid out again."""
        before: list[Region] = []
        async with asyncio.timeout(TIMEOUT_S):
            while (now := [widget.region for widget in self.app.screen.query("*")]) != before:
                before = now
                for _ in range(3):
                    await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    @property
    def lines(self) -> list[str]:
        return screen_lines(self.app)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def screen_lines(app: LanderctlApp) -> list[str]:
    """The screen's rows as a terminal would show them, from Textual's own export."""
    cell = 12.2
    rows: dict[int, dict[int, str]] = defaultdict(dict)
    found = re.findall(
        r'<text [^>]*?x="([\d.]+)" y="([\d.]+)"[^>]*line-(\d+)\)">([^<]*)</text>',
        app.export_screenshot(),
    )
    for x, _, row, content in found:
        for index, character in enumerate(html.unescape(content)):
            rows[int(row)][round(float(x) / cell) + index] = character
    return [
        "".join(cells.get(column, " ") for column in range(max(cells) + 1)).replace("\xa0", " ")
        for _, cells in sorted(rows.items())
    ]


def fly(
    paths: StatePaths,
    size: tuple[int, int],
    steps: Callable[[Deck], Awaitable[None]],
    *,
    read_only: bool = False,
) -> LanderctlApp:
    """Open the screen on a state folder, take `steps`, close it."""

    async def flight() -> LanderctlApp:
        app = LanderctlApp(paths, (), read_only=read_only)
        deck: Deck | None = None

        def hook(message: Message) -> None:
            if deck is not None:
                deck.hear(message)

        async with app.run_test(size=size, message_hook=hook) as pilot:
            deck = Deck(app, pilot)
            await asyncio.wait_for(app.dashboard.shown.wait(), TIMEOUT_S)
            await pilot.pause()
            await deck.footer_is_shown()
            await deck.settled()
            await steps(deck)
        return app

    return asyncio.run(flight())
