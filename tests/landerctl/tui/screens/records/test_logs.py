from __future__ import annotations

import time

import pytest
from textual.strip import Strip
from textual.widgets import Input

from daemon.base.text.log_line import log_line
from landerctl.tui.data.feed import PageRead
from landerctl.tui.data.windows import log_window
from landerctl.tui.widgets.lists.record_list import RecordList
from tests.landerctl.tui.flight_deck import Deck, fly
from tests.landerctl.tui.state_folder import StateFolder


@pytest.fixture
def folder(folder: StateFolder) -> StateFolder:
    folder.everything()
    folder.hold_lock()
    for number in range(200):
        write(folder, f"line {number}", ago_s=1000.0 - number)
    return folder


def write(folder: StateFolder, text: str, level: str = "INFO", ago_s: float = 0.0) -> None:
    with folder.paths.log.open("a") as log:
        log.write(log_line(time.time() - ago_s, level, "daemon.x", text) + "\n")


async def read(deck: Deck, times: int = 1) -> None:
    """Wait until what is wanted now was read."""
    for _ in range(times):
        deck.app._feed.read_now()
        await deck.until(PageRead, lambda message: True)


def test_it_follows_until_the_cursor_is_moved_away(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("4")
        await read(deck, 2)
        assert "line 199" in deck.lines[-2] and "Logs · following" in deck.text
        write(folder, "one\x1b[2J more", "WARNING")
        await read(deck, 2)
        assert "WARNING" in deck.lines[-2] and "one␛[2J more" in deck.lines[-2]
        await deck.press("pageup", "up")
        shown = [line[:70] for line in deck.lines[3:-1]]  # without the scroll bar
        write(folder, "not seen yet")
        await read(deck, 2)
        assert [line[:70] for line in deck.lines[3:-1]] == shown and "End follows" in deck.text
        await deck.press("end")
        assert "not seen yet" in deck.lines[-2]
        await deck.press("escape")
        assert deck.app.screen is deck.app.dashboard

    fly(folder.paths, (80, 24), steps)


def test_level_text_wrap_and_the_whole_record(folder: StateFolder) -> None:
    write(folder, "failed " + "x" * 200 + " end", "ERROR")
    with folder.paths.log.open("a") as log:
        log.write("Traceback (most recent call last):\nValueError: bad\n")

    async def steps(deck: Deck) -> None:
        await deck.press("4")
        await read(deck, 2)
        assert "ValueError: bad" in deck.text and " end" not in deck.text
        await deck.press("w")
        assert "x end" in deck.text
        await deck.press("l", "l", "l")
        await read(deck, 2)
        assert "line 1" not in deck.text and "error and above" in deck.text
        await deck.press("enter")
        assert "supervisor · " in deck.text and "ValueError: bad" in deck.text
        await deck.press("escape", "l", "slash", *"LINE 77", "enter")
        await read(deck, 2)
        assert "none" in deck.text
        await deck.press("slash")
        deck.app.screen.query_one(Input).value = "line 77"
        await deck.press("enter")
        await read(deck, 2)
        assert len(deck.app.screen.query_one(RecordList).rows) == 1 and "line 77" in deck.text

    fly(folder.paths, (120, 40), steps)


def test_only_new_lines_cost_a_drawing(
    folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("4")
        await read(deck, 2)
        drawn: list[int] = []
        render = RecordList.render_line

        def counted(self: RecordList, y: int) -> Strip:
            drawn.append(y)
            return render(self, y)

        monkeypatch.setattr(RecordList, "render_line", counted)
        await read(deck, 2)
        assert not drawn
        write(folder, "new")
        await read(deck, 2)
        assert drawn

    fly(folder.paths, (120, 40), steps)


def test_rows_dropped_at_the_beginning_do_not_move_the_view_to_the_end(
    folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_window, "MAX_RECORDS", 100)
    monkeypatch.setattr(log_window, "CHUNK", 60)

    async def steps(deck: Deck) -> None:
        await deck.press("4")
        await read(deck, 2)
        records = deck.app.screen.query_one(RecordList)
        records.move_to(15)
        chosen = records.rows[records.cursor].lines[0]
        for number in range(50):
            write(folder, f"new {number}")
        await read(deck, 2)
        assert records.rows[records.cursor].lines[0] == chosen
        for number in range(50):
            write(folder, f"newer {number}")
        await read(deck, 3)
        assert not records.at_last
        await deck.press("end")
        await read(deck, 2)
        assert records.at_last
        records.scroll_to(y=3, animate=False)  # as by the mouse wheel
        seen = deck.lines[3][:70]
        write(folder, "newest")
        await read(deck, 2)
        assert deck.lines[3][:70] == seen and "End follows" in deck.text

    fly(folder.paths, (80, 24), steps)
