"""Random keys on all screens, without a daemon: nothing raises an exception."""

from __future__ import annotations

import random
import time
from contextlib import suppress

from textual import events
from textual.pilot import WaitForScreenTimeout

from daemon.store.records import Silence
from landerctl.tui.actions import ACTIONS
from tests.landerctl.tui.flight_deck import Deck, fly
from tests.landerctl.tui.state_folder import StateFolder

KEYS = 2000
BATCH = 10
SEED = 20_261_129
BOUND_S = 20.0  # a slow machine presses fewer
MOVES = [
    "up", "down", "left", "right", "home", "end",
    "pageup", "pagedown", "tab", "shift+tab", "enter", "escape",
    "space", "backspace", "ctrl+p", "slash", "plus", "minus",
    "0", "9", "j", "k", "x", "shift+g",
    "left_square_bracket", "right_square_bracket", "",
]  # fmt: skip
# Not what suspends this process; `q` ends the screen, and the next one continues.
POOL = (
    MOVES * 2 + [action.key for action in ACTIONS if action.key not in ("ctrl+z", "q")] * 3 + ["q"]
)
SIZES = [(80, 24), (140, 45), (40, 10), (200, 60)]


def test_no_key_raises(folder: StateFolder) -> None:
    folder.everything()
    folder.writer.put_alerts([folder.alert(), folder.alert("b", state="pending")])
    folder.writer.put_silences([Silence("b", time.time() + 1000.0, "ada", "note")])
    chooser, left, deadline_s = random.Random(SEED), KEYS, time.monotonic() + BOUND_S

    async def steps(deck: Deck) -> None:
        nonlocal left
        while left > 0 and deck.app.is_running and time.monotonic() < deadline_s:
            for _ in range(BATCH):
                key = chooser.choice(POOL)
                deck.app.post_message(events.Key(key, key if len(key) == 1 else None))
            left -= BATCH
            with suppress(WaitForScreenTimeout):
                await deck.pilot.pause()
                if chooser.random() < 0.05:
                    await deck.pilot.resize_terminal(*chooser.choice(SIZES))

    while left > 0 and time.monotonic() < deadline_s:
        app = fly(folder.paths, chooser.choice(SIZES), steps)
        assert app.return_code in (None, 0)
    assert left < KEYS
