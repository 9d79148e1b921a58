"""The copy key: the id of what is selected."""

from __future__ import annotations

from landerctl.tui.data.feed import PageRead
from tests.landerctl.tui.flight_deck import Deck, fly
from tests.landerctl.tui.state_folder import RUN_ID, StateFolder


def test_what_is_copied(folder: StateFolder) -> None:
    folder.everything()
    folder.hold_lock()
    folder.writer.put_alerts([folder.alert()])

    async def steps(deck: Deck) -> None:
        await deck.press("y")
        assert deck.app.clipboard == RUN_ID  # the plot is shown: nothing is selected
        await deck.press("2", "y")
        target = deck.app.dashboard.selected
        assert target is not None and deck.app.clipboard == target.id
        assert target.id in "".join(note.message for note in deck.app._notifications)
        await deck.press("a")
        await deck.footer_is_shown()
        await deck.press("y")
        assert deck.app.clipboard == "disk-low"
        await deck.press("escape", "6")
        await deck.until(PageRead, lambda message: True)
        await deck.press("y")
        assert deck.app.clipboard == "landerctl golive"

    fly(folder.paths, (80, 24), steps)


def test_nothing_to_copy(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("y")
        assert deck.app.clipboard == ""
        assert "Nothing to copy" in "".join(note.message for note in deck.app._notifications)

    fly(folder.paths, (80, 24), steps)
