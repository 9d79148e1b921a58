"""The page of runs: the list follows what is trained, marks, filters, opens an old run."""

from __future__ import annotations

import pytest

from daemon.base.paths import RunPaths
from daemon.runs.creation import create_run
from daemon.runs.metadata import RunMetadata, read_metadata, write_metadata
from daemon.runs.run_folder import set_current
from daemon.store.records import RunRecord
from landerctl.tui.data.snapshot import SnapshotTaken
from landerctl.tui.screens.runs.page import RunsPage
from landerctl.tui.widgets.lists.run_list import RunList
from tests.landerctl.tui.flight_deck import SIZES, Deck, fly
from tests.landerctl.tui.state_folder import RUN_ID, StateFolder

AGO_S = 90_000.0  # when the older run was trained


@pytest.fixture
def older(folder: StateFolder) -> RunPaths:
    """A run that was trained a day before the current one, which is trained now."""
    began_s = folder.now_s - AGO_S
    run = create_run(folder.paths, folder.config, began_s, name="old-crater", tags=("sweep",))
    folder.writer.put_run(RunRecord(run.id, began_s, "curriculum", "ppo", 128))
    folder.writer.add_session(began_s, run.id)
    with folder.writer.transaction():
        for index in range(60):
            folder.writer.add_samples(
                began_s + index,
                {"time/fps": 100.0, "episode/success_rate_100": 0.25, "cpu/machine_percent": 50.0},
                timesteps=index * 100,
            )
    folder.writer.add_session(folder.now_s - 2650.0, RUN_ID)
    folder.everything()
    metadata = RunMetadata(name="new-dune", created_s=folder.now_s - 2650.0)
    write_metadata(folder.run, metadata)
    set_current(folder.paths, RUN_ID)
    folder.hold_lock()
    return run


async def open_page(deck: Deck) -> RunsPage:
    await deck.press("9")
    page = deck.app.screen
    assert isinstance(page, RunsPage)
    await deck.until_true(lambda: bool(page.query_one(RunList).rows))
    return page


@pytest.mark.parametrize("size", SIZES)
def test_runs_are_listed_with_what_the_trained_one_has_reached(
    folder: StateFolder, older: RunPaths, size: tuple[int, int]
) -> None:
    async def steps(deck: Deck) -> None:
        assert "new-dune" in deck.lines[0]
        page = await open_page(deck)
        lines = [line for line in deck.lines if "new-dune" in line or "old-crater" in line]
        assert "● new-dune" in deck.text
        assert "training" in deck.text
        assert "13.4M" in deck.text
        assert any("old-crater" in line for line in lines)
        folder.progress(timesteps=13_700_000)
        await deck.until_true(lambda: "13.7M" in deck.text)
        assert page.copyable == RUN_ID

    fly(folder.paths, size, steps)


def test_what_changes_in_a_folder_is_read_again(folder: StateFolder, older: RunPaths) -> None:
    async def steps(deck: Deck) -> None:
        page = await open_page(deck)
        renamed = read_metadata(folder.run)
        write_metadata(folder.run, RunMetadata(name="other-dune", created_s=renamed.created_s))
        await deck.until_true(lambda: "● other-dune" in deck.text)
        before = page._reader.read(deck.app.snapshot)  # type: ignore[arg-type]
        assert page._reader.read(deck.app.snapshot) is before  # type: ignore[arg-type]

    fly(folder.paths, (120, 40), steps)


def test_filter_order_and_marks(folder: StateFolder, older: RunPaths) -> None:
    async def steps(deck: Deck) -> None:
        page = await open_page(deck)
        await deck.press("slash", *"sweep", "enter")
        assert "1 of 2 runs" in deck.text
        assert page.copyable == older.id
        await deck.press("escape", "c")
        assert "Mark two or more" in "".join(n.message for n in deck.app._notifications)
        await deck.press("o", "home", "space")
        assert "by name" in deck.text
        assert "1 marked" in deck.text
        assert page.query_one(RunList).cursor == 1
        await deck.press("escape")
        assert deck.app.screen is deck.app.dashboard

    fly(folder.paths, (80, 24), steps)


def test_an_old_run_is_shown_as_it_ended_until_end(folder: StateFolder, older: RunPaths) -> None:
    async def steps(deck: Deck) -> None:
        await open_page(deck)
        await deck.press("end", "enter")
        await deck.until(SnapshotTaken, lambda message: message.snapshot.at_s is not None)
        assert deck.app.screen is deck.app.dashboard
        assert "RUN old-crater AS IT ENDED: 20" in deck.lines[1]
        assert "old-crater" in deck.lines[0]
        snapshot = deck.app.snapshot
        assert snapshot is not None and snapshot.status.run is not None
        assert snapshot.status.run.id == older.id
        assert snapshot.read_s == pytest.approx(folder.now_s - AGO_S + 59.0)
        samples = snapshot.series["episode/success_rate_100"]
        assert {sample.value for sample in samples} == {0.25}
        await deck.press("b")
        assert "press End to return to now" in "".join(n.message for n in deck.app._notifications)
        await deck.press("end")
        await deck.until(SnapshotTaken, lambda message: message.snapshot.at_s is None)
        assert "new-dune" in deck.lines[0]

    fly(folder.paths, (80, 24), steps)


def test_a_run_that_was_not_trained_here_is_shown_by_its_folder(
    folder: StateFolder, older: RunPaths
) -> None:
    foreign = create_run(folder.paths, folder.config, folder.now_s - 10.0, name="from-afar")

    async def steps(deck: Deck) -> None:
        await open_page(deck)
        await deck.press("slash", *"afar", "enter", "enter")
        await deck.until(SnapshotTaken, lambda message: message.snapshot.at_s is not None)
        snapshot = deck.app.snapshot
        assert snapshot is not None and snapshot.status.run is not None
        assert snapshot.status.run.id == foreign.id
        assert not any(snapshot.series.values())
        assert "RUN from-afar AS IT ENDED" in deck.lines[1]
        assert "Stage and progress: not recorded" in deck.text

    fly(folder.paths, (120, 40), steps)


def test_the_current_run_is_opened_live(folder: StateFolder, older: RunPaths) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("left_square_bracket")
        await deck.until(SnapshotTaken, lambda message: message.snapshot.at_s is not None)
        await open_page(deck)
        await deck.press("enter")
        await deck.until(SnapshotTaken, lambda message: message.snapshot.at_s is None)
        assert deck.app.screen is deck.app.dashboard

    fly(folder.paths, (80, 24), steps)
