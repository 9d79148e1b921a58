"""A key that arrives once all screens are closed is dropped."""

from __future__ import annotations

import asyncio

from textual import events

from tests.landerctl.tui.flight_deck import Deck, fly
from tests.landerctl.tui.state_folder import StateFolder


def test_a_key_after_the_last_screen(folder: StateFolder) -> None:
    async def steps(_: Deck) -> None:
        pass

    async def press_late() -> None:
        await app.on_event(events.Key("j", "j"))

    app = fly(folder.paths, (80, 24), steps)
    assert not app.screen_stack
    asyncio.run(press_late())
