from __future__ import annotations

import stat

import pytest

from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.plotting.choice_file import read_choices
from landerctl.tui.screens.metrics import MetricsPage
from landerctl.tui.widgets.plot import PlotPanel
from tests.landerctl.tui.flight_deck import Deck, fly
from tests.landerctl.tui.state_folder import StateFolder

WIDE = (140, 45)


@pytest.fixture
def folder(folder: StateFolder) -> StateFolder:
    folder.everything()
    with folder.writer.transaction():
        for index in range(100):
            folder.writer.add_samples(
                folder.now_s - 1000.0 + 10.0 * index,
                {"train/value_loss": 1000.0 * 0.9**index, "train/approx_kl": 0.01},
                timesteps=13_000_000 + index * 1000,
            )
    folder.hold_lock()
    return folder


async def open_metrics(deck: Deck) -> None:
    await deck.press("m")
    assert isinstance(deck.app.screen, MetricsPage)
    await deck.until_true(lambda: "approx_kl" in deck.text)


@pytest.mark.parametrize("size", [(80, 24), WIDE, (200, 60)])
def test_a_series_is_found_by_a_few_letters_and_plotted(
    folder: StateFolder, size: tuple[int, int]
) -> None:
    async def steps(deck: Deck) -> None:
        await open_metrics(deck)
        assert "In the plot: Success rate" in deck.text
        assert "6 of 6 series" in deck.text
        await deck.press("v", "l")
        assert "1 of 6 series" in deck.text
        assert "approx_kl" not in deck.text
        assert "0.0295" in deck.text  # its newest value
        await deck.press("enter")
        assert deck.app.screen is deck.app.dashboard
        assert isinstance(deck.app.dashboard.focused, PlotPanel)
        await deck.until_true(lambda: "train/value_loss · 0.0295" in deck.text)

    fly(folder.paths, size, steps)


def test_several_are_added_and_removed_with_space(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await open_metrics(deck)
        await deck.press("a", "p", "p", "space")
        assert deck.app.dashboard.plot.choice.series[1:] == ("train/approx_kl",)
        await deck.press("backspace", "backspace", "backspace", "v", "l", "space", "escape")
        await deck.until_true(lambda: "loss 0.0295 (right)" in deck.text)
        await deck.press("m")
        await deck.until_true(lambda: "approx_kl" in deck.text)
        await deck.press("a", "p", "p", "space", "escape")
        await deck.until_true(lambda: "B train/value_loss 0.0295 (right)" in deck.text)

    fly(folder.paths, WIDE, steps)


def test_the_last_one_stays(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await open_metrics(deck)
        await deck.press(*"success", "space")
        assert len(deck.app.dashboard.plot.choice.series) == 1
        assert "add another one first" in "".join(n.message for n in deck.app._notifications)

    fly(folder.paths, WIDE, steps)


def test_the_mouse_selects_adds_and_plots(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await open_metrics(deck)
        await deck.pilot.click("#metric-list", offset=(2, 5))  # the last: train/value_loss
        assert deck.app.dashboard.plot.choice.series[1:] == ("train/value_loss",)
        await deck.pilot.click("#metric-list", offset=(9, 5))
        await deck.pilot.pause()
        assert deck.app.screen is deck.app.dashboard
        assert deck.app.dashboard.plot.choice.series == ("train/value_loss",)

    fly(folder.paths, WIDE, steps)


def test_only_the_values_that_can_be_seen_are_read_again(folder: StateFolder) -> None:
    with folder.writer.transaction():
        folder.writer.add_samples(1.0, {f"own/{i:03d}": float(i) for i in range(300)}, timesteps=1)

    async def steps(deck: Deck) -> None:
        await deck.press("m")
        await deck.until_true(lambda: "of 306 series" in deck.text)
        page = deck.app.screen
        assert isinstance(page, MetricsPage)
        assert deck.app.snapshot is not None
        listing = page._read(deck.app.snapshot)
        assert len(listing.names) == 306
        assert len(listing.newest) < 24
        await deck.press("pagedown", "pagedown")
        assert "own/03" in deck.text
        await deck.press(*"299")
        assert "own/299" in deck.text
        assert "299 " in deck.text

    fly(folder.paths, (80, 24), steps)


def test_the_choice_is_remembered(folder: StateFolder) -> None:
    async def choose(deck: Deck) -> None:
        deck.app.dashboard.plot.focus()
        await deck.press("l", "full_stop")
        await open_metrics(deck)
        await deck.press("v", "l", "enter")
        await deck.until_true(folder.paths.screen.exists)

    fly(folder.paths, WIDE, choose)
    assert stat.S_IMODE(folder.paths.screen.stat().st_mode) == 0o600
    expected = PlotChoice(("train/value_loss",), log=True, smoothing=0.3)
    assert read_choices(folder.paths.screen)["chart"] == expected

    async def look(deck: Deck) -> None:
        assert deck.app.dashboard.plot.choice == expected
        await deck.until_true(lambda: "log · smoothed 0.3" in deck.text)

    fly(folder.paths, WIDE, look)


def test_a_damaged_file_is_ignored_with_a_notice(folder: StateFolder) -> None:
    folder.paths.screen.write_text("{")

    async def steps(deck: Deck) -> None:
        assert "screen.json cannot be used" in "".join(n.message for n in deck.app._notifications)
        assert "Success rate, last 100 episodes" in deck.text

    fly(folder.paths, WIDE, steps)


def test_a_folder_that_cannot_be_written_is_said_once(folder: StateFolder) -> None:
    folder.paths.screen.mkdir()  # root may write to any folder, but not replace this

    async def steps(deck: Deck) -> None:
        deck.app.clear_notifications()
        deck.app.dashboard.plot.focus()
        await deck.press("l")
        await deck.until_true(lambda: len(deck.app._notifications) == 1)
        await deck.press("l")
        await deck.next_snapshot()
        assert len(deck.app._notifications) == 1
        assert "not remembered" in next(iter(deck.app._notifications)).message

    fly(folder.paths, WIDE, steps)


def test_without_a_store_the_list_is_empty(folder: StateFolder) -> None:
    folder.close()
    for path in folder.paths.home.glob("store.db*"):
        path.unlink()

    async def steps(deck: Deck) -> None:
        await deck.press("m", "enter", "space")
        assert "0 of 0 series" in deck.text

    fly(folder.paths, (80, 24), steps)
