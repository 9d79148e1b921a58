from __future__ import annotations

import time

import pytest
from textual.color import Color

from checks.wording import short_number
from daemon.store.records import Event, GpuStatus, ServerStatus
from landerctl.tui.data.reader import NOT_READ_YET, SnapshotReader
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.widgets.panels.alerts import AlertsPanel
from landerctl.tui.widgets.panels.events import EventsPanel
from landerctl.tui.widgets.panels.machine import speed_lines
from tests.landerctl.tui.dashboard.panels import assert_nothing_is_cut_off, panels
from tests.landerctl.tui.flight_deck import SIZES, Deck, fly
from tests.landerctl.tui.state_folder import StateFolder

BLACK = Color(0, 0, 0)
EVENT = Event(1, 1.0, "daemon.started", "info", None, "The supervisor runs", {})


@pytest.mark.parametrize("size", SIZES)
def test_a_healthy_run_fits(folder: StateFolder, size: tuple[int, int]) -> None:
    folder.everything()
    folder.hold_lock()

    async def steps(deck: Deck) -> None:
        assert_nothing_is_cut_off(deck)
        for words in (
            "● daemon up",
            "trainer RUNNING learning",
            "data ",
            "✓ 1 touchdown",
            "▶ 3 terminal descent",
            "○ 5 powered descent",
            "47% of 55%",
            "582 of 700",
            "ETA 36 min",
            "21,034 steps/s",
            "✓ 5.0k to 60.0k",
            "93% of 2 cores",
            "58% used",
            "212 GB free",
            "No alert is firing or pending",
            # The same definition and the same value as beside the gate.
            "Success rate, last 100 episodes · 47%",
            "success, reward: last 100 episodes",
            "Back up",
            "Roll back",
            "Quit",
        ):
            assert words in deck.text
        for tab, words in (("2", "000026-13000000-interval"), ("3", "speed-low: 430 steps/s")):
            await deck.press(tab)
            assert_nothing_is_cut_off(deck)
            assert words in deck.text

    fly(folder.paths, size, steps)


@pytest.mark.parametrize("size", SIZES)
def test_the_address_of_tensorboard(folder: StateFolder, size: tuple[int, int]) -> None:
    url = "http://127.0.0.1:16006/"
    folder.everything()
    folder.daemon(servers={"tensorboard": ServerStatus(url, None)})
    folder.hold_lock()

    async def steps(deck: Deck) -> None:
        assert "TensorBoard 127.0.0.1:16006" in deck.text
        folder.daemon(servers={"tensorboard": ServerStatus(None, "Address already in use")})
        await deck.next_snapshot()
        assert "TensorBoard is not served" in deck.text
        folder.daemon(servers={"tensorboard": ServerStatus(url, None)}, stopped_s=folder.now_s)
        folder.release_lock()
        await deck.next_snapshot()
        assert "TensorBoard" not in deck.text

    fly(folder.paths, size, steps)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("gpus", "words"),
    [
        ([GpuStatus(57.0, 3.2e9, 24e9, 61.0)], "57%, 61 °C"),
        ([GpuStatus(57.0, 3.2e9, 24e9, 61.0), GpuStatus(20.0, 3e9, 24e9, 70.0)], "38% of 2, 70 °C"),
        ([GpuStatus(None, None, None, None)], "–"),
    ],
)
def test_a_gpu_is_shown(
    folder: StateFolder, gpus: list[GpuStatus], words: str, size: tuple[int, int]
) -> None:
    folder.everything()
    folder.resources(gpus)
    folder.hold_lock()

    async def steps(deck: Deck) -> None:
        assert_nothing_is_cut_off(deck)
        lines = [line.replace("│", " ").split() for line in deck.lines]
        [gpu] = [line for line in lines if "GPU" in line]
        assert words in " ".join(gpu)
        assert "Disk" in deck.text

    fly(folder.paths, size, steps)


@pytest.mark.parametrize("size", [*SIZES, (100, 30), (130, 26), (80, 50)])
def test_many_problems_fit(folder: StateFolder, size: tuple[int, int]) -> None:
    folder.everything()
    folder.trainer(state="BACKOFF", last_exit="killed by SIGKILL", restart_at_s=folder.now_s + 60)
    folder.progress(reward_mean=-1234.0, eta_s=9e5, steps_per_s=431.0, episodes=123_456_789)
    folder.writer.put_alerts(
        [
            folder.alert(),
            folder.alert("memory-high", value=None),
            folder.alert("x", state="pending"),
        ]
    )
    folder.hold_lock()

    async def steps(deck: Deck) -> None:
        assert_nothing_is_cut_off(deck)
        assert "▲ Trainer crashed: killed by SIGKILL" in deck.text
        assert "✖ CRITICAL disk-low" in deck.text
        # The last speed of a stopped training is neither rated nor used for a forecast.
        assert "not training" in deck.text
        assert "ETA –" in deck.text
        assert "-1,234 of 700" in deck.text

    fly(folder.paths, size, steps)


@pytest.mark.parametrize(
    ("steps_per_s", "words"),
    [(431.0, "▼ below 5.0k to 60.0k"), (70_000.0, "▲ above 5.0k to 60.0k")],
)
def test_a_speed_outside_of_its_band_is_marked(
    folder: StateFolder, steps_per_s: float, words: str
) -> None:
    folder.everything()
    folder.progress(steps_per_s=steps_per_s)
    folder.hold_lock()

    async def steps(deck: Deck) -> None:
        assert words in deck.text

    fly(folder.paths, (80, 24), steps)


@pytest.mark.parametrize("size", SIZES)
def test_missing_data_looks_missing(folder: StateFolder, size: tuple[int, int]) -> None:
    async def steps(deck: Deck) -> None:
        assert_nothing_is_cut_off(deck)
        for words in (
            "○ daemon never started",
            "No daemon has run here yet",
            "landerctl start",
            "no data yet",
            "not yet measured",
            "Resources: not yet sampled",
            "Success rate · after 100 episodes",
            "no daemon has checked yet",
        ):
            assert words in deck.text
        assert "0 steps/s" not in deck.text

    fly(folder.paths, size, steps)


def test_no_color_removes_colour_but_no_information(
    folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    folder.everything()
    folder.writer.put_alerts([folder.alert()])

    async def steps(deck: Deck) -> None:
        assert "✖ Daemon died unexpectedly" in deck.text
        assert "✖ CRITICAL disk-low" in deck.text
        strips = deck.app.screen._compositor.render_strips()
        filtered = [strip.apply_filter(f, BLACK) for strip in strips for f in deck.app._filters]
        triplets = {
            color.triplet
            for strip in filtered
            for segment in strip
            if segment.style is not None
            for color in (segment.style.color, segment.style.bgcolor)
            if color is not None and color.triplet is not None
        }
        assert triplets
        assert all(red == green == blue for red, green, blue in triplets)

    fly(folder.paths, (80, 24), steps)


def test_alerts_take_the_rows_they_need(folder: StateFolder) -> None:
    folder.everything()
    folder.writer.put_alerts([folder.alert()])
    folder.hold_lock()

    async def steps(deck: Deck) -> None:
        assert panels(deck)["alerts"].height == 2
        folder.writer.put_alerts([])
        await deck.next_snapshot()
        assert panels(deck)["alerts"].height == 1

    fly(folder.paths, (80, 24), steps)


@pytest.mark.parametrize("panel", [AlertsPanel, EventsPanel])
def test_a_snapshot_may_come_before_a_panel_is_composed(
    panel: type[AlertsPanel | EventsPanel],
) -> None:
    panel(id="early").show(Snapshot(1.0, NOT_READ_YET, events=(EVENT,)))


def test_a_resize_rearranges_the_panels(folder: StateFolder) -> None:
    folder.everything()
    folder.hold_lock()

    async def steps(deck: Deck) -> None:
        assert "tabs" in panels(deck)
        assert "events" not in panels(deck)
        await deck.pilot.resize_terminal(120, 40)
        await deck.pilot.pause()
        assert "tabs" not in panels(deck)
        assert {"chart", "chart-beside", "checkpoints", "events"} <= set(panels(deck))
        assert_nothing_is_cut_off(deck)

    fly(folder.paths, (80, 24), steps)


@pytest.mark.parametrize("size", SIZES)
def test_what_a_rollback_discarded_is_drawn_too(folder: StateFolder, size: tuple[int, int]) -> None:
    folder.everything()
    folder.hold_lock()
    with folder.writer.transaction():
        for number in range(20):
            folder.writer.add_samples(
                folder.now_s - 20.0 + number,
                {"episode/success_rate_100": 0.5},
                timesteps=9_000_000 + number * 50_000,
            )

    async def steps(deck: Deck) -> None:
        await deck.next_snapshot()
        await deck.press("1")
        await deck.next_snapshot()
        assert "Success rate, last 100 episodes · " in deck.text
        assert_nothing_is_cut_off(deck)

    fly(folder.paths, size, steps)


@pytest.mark.parametrize("speed", [12.0, 21_034.0, 99_000.0])
def test_the_shown_speed_is_within_the_range_of_its_sparkline(
    folder: StateFolder, speed: float
) -> None:
    folder.everything()
    folder.progress(steps_per_s=speed)
    snapshot = SnapshotReader(
        folder.paths, (), now=lambda: folder.now_s, monotonic=time.monotonic
    ).read()
    stored = [sample.value for sample in snapshot.series["time/fps"]]
    extent = [short_number(limit) for limit in (min(*stored, speed), max(*stored, speed))]
    assert speed_lines(snapshot, 60)[1].plain.endswith(f"run {extent[0]} to {extent[1]}")
