from __future__ import annotations

import pytest
from textual.events import MouseScrollUp

from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.widgets.plot import PlotPanel
from tests.landerctl.tui.flight_deck import Deck, fly
from tests.landerctl.tui.state_folder import StateFolder

WIDE = (140, 45)


@pytest.fixture
def folder(folder: StateFolder) -> StateFolder:
    folder.everything()
    folder.hold_lock()
    return folder


def counted(plot: PlotPanel, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of rows of each repaint from now on; 0 is all of them."""
    calls: list[int] = []
    refresh = plot.refresh

    def count(*regions: object, **options: object) -> object:
        calls.append(len(regions))
        return refresh(*regions, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(plot, "refresh", count)
    return calls


def test_a_snapshot_without_news_repaints_nothing_and_a_new_sample_only_its_rows(
    folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def steps(deck: Deck) -> None:
        deck.app._feed.stop()
        plot, snapshot = deck.app.dashboard.plot, deck.app.snapshot
        assert snapshot is not None
        calls = counted(plot, monkeypatch)
        plot.show(snapshot)
        assert calls == []
        plot._drawn_of = ()  # as if another sample had come that no cell can show
        plot.show(snapshot)
        assert calls == []
        fewer = {name: samples[:-1] for name, samples in snapshot.series.items()}
        plot.show(Snapshot(**vars(snapshot) | {"series": fewer}))
        assert len(calls) == 1
        assert 1 <= calls[0] < plot.size.height

    fly(folder.paths, WIDE, steps)


def test_a_hidden_plot_is_not_drawn_until_it_is_seen(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("2")
        plot = deck.app.dashboard.plots[0]
        before = plot._rows
        plot.choose(PlotChoice(("time/fps",)))
        await deck.next_snapshot()
        assert plot._rows is before
        await deck.press("1")
        await deck.until_true(lambda: "20k" in deck.text)

    fly(folder.paths, (80, 24), steps)


def test_keys_zoom_pan_and_show_the_whole_run_again(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        plot = deck.app.dashboard.plot
        plot.focus()
        await deck.press("plus", "plus")
        assert plot._data is not None
        low, high = plot._data.x_axis.low, plot._data.x_axis.high
        assert 5_500_000 < high - low < 6_500_000
        await deck.press("right")
        assert plot._data.x_axis.low == pytest.approx(low + (high - low) / 4.0)
        assert "zoomed" in deck.text
        assert plot.window is not None
        await deck.until_true(
            lambda: bool(deck.app.snapshot and plot.window in deck.app.snapshot.finer)
        )
        await deck.press("0")
        assert "zoomed" not in deck.text
        assert plot.window is None

    fly(folder.paths, WIDE, steps)


def test_the_wheel_zooms_where_the_pointer_is_and_a_drag_pans(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        plot = deck.app.dashboard.plot
        await deck.pilot._post_mouse_events([MouseScrollUp], "#chart", offset=(8, 5), button=0)
        await deck.pilot.pause()
        assert plot._data is not None
        assert plot._data.zoomed
        low = plot._data.x_axis.low
        await deck.pilot.mouse_down("#chart", offset=(40, 5))
        await deck.pilot.hover("#chart", offset=(20, 5))
        await deck.pilot.mouse_up("#chart", offset=(20, 5))
        assert plot._data.x_axis.low > low

    fly(folder.paths, WIDE, steps)


def test_scale_smoothing_axis_and_marks_are_said(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        deck.app.dashboard.plot.focus()
        await deck.press("full_stop", "full_stop")
        assert "smoothed 0.6" in deck.text
        await deck.press("comma", "comma")
        assert "smoothed" not in deck.text
        await deck.press("l")
        assert "log" in deck.text
        await deck.press("l", "x")
        assert "over time ·" in deck.text
        await deck.press("k")
        await deck.until_true(lambda: "✓ stage · ▲ alert" in deck.text)
        await deck.press("k")
        await deck.until_true(lambda: "◇ checkpoint" in deck.text)
        await deck.press("k")
        assert "checkpoint ·" not in deck.text

    fly(folder.paths, WIDE, steps)


def test_lines_differ_without_colours(folder: StateFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def steps(deck: Deck) -> None:
        plot = deck.app.dashboard.plot
        plot.choose(PlotChoice(("episode/success_rate_100", "curriculum/reward_100")))
        await deck.until_true(lambda: "B Mean reward 582 (right)" in deck.text)
        rows = ["".join(text for text, _ in row) for row in plot._rows[1:]]
        assert any("A" in row for row in rows)
        assert any("B" in row for row in rows)

    fly(folder.paths, WIDE, steps)
