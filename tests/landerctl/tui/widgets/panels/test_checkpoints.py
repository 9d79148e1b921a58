from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from landerctl.tui.data.snapshot import SnapshotTaken
from landerctl.tui.widgets.panels.checkpoints import AGE_TICK_S, CheckpointsPanel
from tests.landerctl.tui.flight_deck import Deck, fly
from tests.landerctl.tui.state_folder import StateFolder

WIDE = (140, 45)


def table_lines(deck: Deck) -> list[str]:
    region = deck.app.query_one(CheckpointsPanel).region
    lines = deck.lines[region.y + 1 : region.bottom - 1]
    return [line[region.x + 1 : region.right - 1] for line in lines]


def test_a_new_checkpoint_moves_the_others_down_with_the_cursor(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "home", time.time())
    folder.everything()
    folder.hold_lock()

    async def steps(deck: Deck) -> None:
        await deck.press("2", "down")
        table = deck.app.query_one(CheckpointsPanel)
        chosen, before = table.selected, table_lines(deck)
        assert chosen is not None
        folder.checkpoint(27, 13_400_000, "manual", 3)
        await deck.next_snapshot()
        after = table_lines(deck)
        assert "000027-13400000-manual" in after[1]
        assert [line[:25] for line in after[2:6]] == [line[:25] for line in before[1:5]]
        assert table.selected == chosen

    fly(folder.paths, WIDE, steps)


def test_ages_tick_together(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "home", time.time())
    folder.everything()
    folder.hold_lock()

    async def steps(deck: Deck) -> None:
        shown = deck.app.snapshot
        assert shown is not None
        tick_s = shown.read_s - shown.read_s % AGE_TICK_S
        texts = []
        for read_s in (tick_s, tick_s + AGE_TICK_S - 0.1, tick_s + 3 * 3600.0):
            deck.app.post_message(SnapshotTaken(replace(shown, read_s=read_s)))
            await deck.pilot.pause()
            texts.append(table_lines(deck))
        assert texts[0] == texts[1]
        assert all("3 h" in line for line in texts[2][1:3])

    fly(folder.paths, WIDE, steps)


def test_cells_that_were_updated_are_not_kept(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "home", time.time())
    folder.everything()
    folder.hold_lock()

    async def steps(deck: Deck) -> None:
        shown = deck.app.snapshot
        assert shown is not None
        table = deck.app.query_one(CheckpointsPanel)
        kept = []
        for minute in range(1, 13):
            later = replace(shown, read_s=shown.read_s + 60.0 * minute)
            deck.app.post_message(SnapshotTaken(later))
            await deck.pilot.pause()
            kept.append(len(table._cell_render_cache))
        assert kept[-1] <= max(kept[:3])

    fly(folder.paths, WIDE, steps)
