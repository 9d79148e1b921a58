"""The page that compares runs: opened from the list, its plot, its verdict, its tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from daemon.runs.curves import REWARD, SUCCESS
from daemon.runs.metadata import Parent
from landerctl.operations.compare.comparison import compare
from landerctl.operations.compare.metrics import metric_of
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.plotting.compared import compared_plot
from landerctl.tui.runs.compared import compared_lines, fitted
from landerctl.tui.screens.records.choice import ChoiceScreen
from landerctl.tui.screens.runs.compare import ComparePage
from landerctl.tui.screens.runs.page import RunsPage
from landerctl.tui.widgets.lists.run_list import RunList
from tests.landerctl.operations.compare.run_samples import BEGAN_S, evaluate, make_run, train
from tests.landerctl.tui.flight_deck import SIZES, Deck, fly


@pytest.fixture
def paths(tmp_path: Path) -> StatePaths:
    """Two runs with samples and evaluations on the same seeds; the second is a fork."""
    paths = StatePaths(tmp_path)
    base = make_run(paths, "base")
    parent = Parent(base.id, "000001-30000-gate", 30_000)
    wide = make_run(paths, "wide", desired_kl=0.02, parent=parent)
    train(paths, base, began_s=BEGAN_S - 1000.0)
    train(paths, wide, first=30, count=40)
    evaluate(base, 10, 10)
    evaluate(wide, 18, 2)
    return paths


async def open_comparison(deck: Deck) -> ComparePage:
    await deck.press("9")
    listed = deck.app.screen
    assert isinstance(listed, RunsPage)
    await deck.until_true(lambda: len(listed.query_one(RunList).rows) == 2)
    await deck.press("o", "home", "space", "space", "c")  # by name: base, wide
    await deck.until_true(lambda: isinstance(deck.app.screen, ComparePage))
    page = deck.app.screen
    assert isinstance(page, ComparePage)
    await deck.until_true(lambda: page._comparison is not None)
    await deck.settled()
    return page


@pytest.mark.parametrize("size", SIZES)
def test_marked_runs_are_compared(paths: StatePaths, size: tuple[int, int]) -> None:
    async def steps(deck: Deck) -> None:
        await open_comparison(deck)
        assert "A base · B wide" in deck.text
        assert "Compare · Success rate (%) over steps" in deck.text
        assert "They differ. B lands more often than A" in deck.text
        await deck.press("x")
        assert "over hours trained" in deck.text
        await deck.press("v", "v")
        assert "A base · B wide" not in deck.text
        assert "Runs" in deck.text
        await deck.press("escape")
        assert isinstance(deck.app.screen, RunsPage)

    fly(paths, size, steps)


def test_another_series_is_chosen_among_those_recorded(paths: StatePaths) -> None:
    async def steps(deck: Deck) -> None:
        page = await open_comparison(deck)
        assert SUCCESS in page._recorded
        await deck.press("m")
        assert isinstance(deck.app.screen, ChoiceScreen)
        await deck.press("down", "enter")
        chosen = page._series
        assert chosen != SUCCESS
        assert metric_of(chosen).title in deck.text
        for _ in page._recorded[1:]:
            await deck.press("p")
        assert page._series == SUCCESS

    fly(paths, (80, 24), steps)


def test_every_line_fits_at_any_width(paths: StatePaths) -> None:
    comparison = compare(paths, [paths.run(folder.name) for folder in paths.runs.iterdir()])
    text = "\n".join(line.plain for line in compared_lines(comparison, 100))
    assert "ppo.desired_kl" in text
    assert "McNemar" in text
    for width in (40, 60, 78, 140):
        assert all(line.cell_length <= width for line in compared_lines(comparison, width))


def test_columns_are_narrowed_until_they_fit() -> None:
    assert fitted([10, 20, 5], 60) == [10, 20, 5]
    assert fitted([10, 20, 20], 44) == [10, 15, 15]


def test_what_the_parent_trained_is_a_line_of_its_own_in_the_plot(paths: StatePaths) -> None:
    by_name = {path.name: paths.run(path.name) for path in paths.runs.iterdir()}
    runs = sorted(by_name.values(), key=lambda run: "wide" in run.metadata.read_text())
    comparison = compare(paths, runs)
    data = compared_plot(comparison, metric_of(SUCCESS), "steps", PlotChoice((SUCCESS,)))
    assert data is not None
    base, wide = data.lines
    assert [branch.abandoned for branch in base.branches] == [False]
    assert [branch.abandoned for branch in wide.branches] == [True, False]
    assert wide.branches[1].xs[0] == wide.branches[0].xs[-1]
    assert data.x_axis.high >= 70_000.0
    smoothed = compared_plot(
        comparison, metric_of(SUCCESS), "hours", PlotChoice((SUCCESS,), log=True, smoothing=0.6)
    )
    assert smoothed is not None and smoothed.axes[0].log and smoothed.lines[0].raw
    assert compared_plot(comparison, metric_of(REWARD), "steps", PlotChoice((REWARD,))) is None
