"""The page of sweeps: trials live, sorted and filtered, curves, stopping and resuming."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from daemon.sweeps.records import Leg
from landerctl.tui.screens.dialog import Dialog
from landerctl.tui.screens.records.choice import ChoiceScreen
from landerctl.tui.screens.sweeps.compare import CompareTrialsPage
from landerctl.tui.screens.sweeps.page import SweepsPage
from landerctl.tui.screens.sweeps.trial_list import TrialList
from tests.landerctl.tui.flight_deck import SIZES, Deck, fly
from tests.landerctl.tui.state_folder import StateFolder
from tests.landerctl.tui.sweeps.sample import SampleSweep, sample_sweep


@pytest.fixture
def folder(folder: StateFolder) -> StateFolder:
    folder.everything()
    folder.hold_lock()
    return folder


@pytest.fixture
def sweep(folder: StateFolder) -> Iterator[SampleSweep]:
    made = sample_sweep(folder.paths, now_s=folder.now_s)
    made.run()
    yield made
    made.close()


async def open_page(deck: Deck) -> SweepsPage:
    await deck.press("8")
    page = deck.app.screen
    assert isinstance(page, SweepsPage)
    await deck.until_true(lambda: bool(page.query_one(TrialList).rows))
    return page


def numbers(page: SweepsPage) -> list[int]:
    return [row.number for row in page.query_one(TrialList).rows]


def toasts(deck: Deck) -> str:
    return "\n".join(note.message for note in deck.app._notifications)


@pytest.mark.parametrize("size", SIZES)
def test_trials_are_listed_best_first_and_follow_the_store(
    folder: StateFolder, sweep: SampleSweep, size: tuple[int, int]
) -> None:
    async def steps(deck: Deck) -> None:
        page = await open_page(deck)
        assert numbers(page) == [0, 5, 3, 2, 4, 1, 6, 7]
        assert "rates" in deck.text
        assert "running" in deck.text
        assert "4 of 8 ended" in deck.text
        sweep.put(msgspec.structs.replace(sweep.trial(4), steps=200_000, running_s=200.0))
        values = {"success": 0.97}
        sweep.write(
            legs=[Leg(trial=4, steps=200_000, values=values, running_s=99.0, time_s=folder.now_s)]
        )
        await deck.until_true(lambda: numbers(page)[0] == 4)
        await deck.until_true(lambda: "97.0%" in deck.text)
        # The cursor has stayed on its trial.
        assert page.copyable == str(sweep.paths.trial(0).home)

    fly(folder.paths, size, steps)


def test_order_filter_and_details(folder: StateFolder, sweep: SampleSweep) -> None:
    async def steps(deck: Deck) -> None:
        page = await open_page(deck)
        await deck.press("slash", *"stopped", "enter")
        assert numbers(page) == [2, 1]
        assert "2 with “stopped”" in deck.text
        assert "Trial 2 stopped: halving at 100k" in deck.text
        await deck.press("escape", "o", "O")
        assert numbers(page)[0] == 6  # by state, in reverse
        await deck.pilot.click("TrialTitles", offset=(8, 0))
        assert numbers(page) == list(range(8))
        await deck.press("home")
        assert "300,000 of 300,000" in deck.text

    fly(folder.paths, (140, 45), steps)


def test_curves_of_the_best_then_of_the_marked(folder: StateFolder, sweep: SampleSweep) -> None:
    async def steps(deck: Deck) -> None:
        await open_page(deck)
        await deck.press("v")
        await deck.until_true(lambda: "A #0 · B #5 · C #3" in deck.text)
        assert "rung" in deck.text
        await deck.press("escape", "space", "down", "space", "v")
        await deck.until_true(lambda: "A #0 · B #3" in deck.text)
        assert "C #" not in deck.text
        await deck.press("p")
        assert "Mean reward" not in deck.text
        await deck.press("c")
        assert isinstance(deck.app.screen, CompareTrialsPage)
        await deck.until_true(lambda: "Settings that differ" in deck.text)
        await deck.press("escape")
        assert isinstance(deck.app.screen, SweepsPage)

    fly(folder.paths, (80, 24), steps)


def test_another_sweep_is_chosen(folder: StateFolder, sweep: SampleSweep) -> None:
    other = SampleSweep(folder.paths, "seeds", now_s=folder.now_s)
    other.trials(3)

    async def steps(deck: Deck) -> None:
        page = await open_page(deck)
        assert len(numbers(page)) == 3  # the newest
        await deck.press("w")
        assert isinstance(deck.app.screen, ChoiceScreen)
        assert "1 completed" in deck.text
        await deck.press("down", "enter")
        await deck.until_true(lambda: len(numbers(page)) == 8)

    fly(folder.paths, (80, 24), steps)


def test_a_stopped_sweep_is_resumed_after_a_yes(folder: StateFolder, sweep: SampleSweep) -> None:
    """The coordinator cannot run here: its refusal is shown."""
    sweep.close()

    async def steps(deck: Deck) -> None:
        await open_page(deck)
        assert "dead: its coordinator ended" in deck.text
        await deck.press("s")
        assert isinstance(deck.app.screen, Dialog)
        assert "Resume the sweep?" in deck.text
        await deck.press("escape")

    fly(folder.paths, (80, 24), steps)


def test_a_trial_that_has_not_begun_has_no_screen(folder: StateFolder, sweep: SampleSweep) -> None:
    async def steps(deck: Deck) -> None:
        await open_page(deck)
        await deck.press("end", "enter")
        assert "Not begun yet" in toasts(deck)
        # A test's screen is no terminal: as in a browser, none can be opened in its place.
        await deck.press("home", "enter")
        assert f"--home {sweep.paths.trial(0).home} tui" in toasts(deck)

    fly(folder.paths, (80, 24), steps)


def test_without_a_sweep_it_says_how_to_begin(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("8")
        await deck.until_true(lambda: "landerctl sweep run FILE creates one" in deck.text)
        for key in ("enter", "space", "c", "o", "v", "w", "s", "p", "end"):
            await deck.press(key)

    fly(folder.paths, (80, 24), steps)


def test_the_dashboard_says_that_a_sweep_runs(folder: StateFolder, sweep: SampleSweep) -> None:
    async def steps(deck: Deck) -> None:
        await deck.until_true(lambda: "Sweep rates runs; trials: 2 running" in deck.text)
        assert "8 opens it" in deck.text
        assert await deck.pilot.click("#sweep-line")
        assert isinstance(deck.app.screen, SweepsPage)

    fly(folder.paths, (80, 24), steps)
