from __future__ import annotations

import asyncio

import pytest

from landerctl.exitcodes import Exit
from tests import status_samples
from tests.landerctl.tui.dashboard.panels import assert_nothing_is_cut_off
from tests.landerctl.tui.flight_deck import SIZES, TIMEOUT_S, Deck, fly
from tests.landerctl.tui.state_folder import StateFolder


def test_startup_looks_alive(folder: StateFolder) -> None:
    folder.daemon()
    folder.run_record()
    folder.resources()
    folder.trainer(
        state="STARTING", phase="compiling", phase_detail="engine", since_s=folder.now_s - 30.0
    )
    folder.hold_lock()

    async def steps(deck: Deck) -> None:
        assert "trainer STARTING compiling 3" in deck.text
        assert "compiling · 3" in deck.text
        before = deck.text
        async with asyncio.timeout(TIMEOUT_S):
            while deck.text == before:
                await deck.next_snapshot()
        assert_nothing_is_cut_off(deck)

    fly(folder.paths, (80, 24), steps)


@pytest.mark.parametrize("size", SIZES)
def test_the_start_is_shown_step_by_step(folder: StateFolder, size: tuple[int, int]) -> None:
    folder.daemon()
    folder.run_record()
    folder.resources()
    folder.trainer(
        state="STARTING", phase="compiling", heartbeat_s=None, startup=status_samples.startup()
    )
    folder.hold_lock()

    async def steps(deck: Deck) -> None:
        for words in (
            "✓ import torch, stable-baselines3, Basilisk",
            "▶ compile the flight code",
            "63 of 153 functions · about 47 s left",
            "○ build 128 landers on 2 threads",
            "○ fly the first rollout",
            "Only the first start of a version compiles",
            "Ready in about 56 s",
        ):
            assert words in deck.text
        assert "━━━" in deck.text
        assert_nothing_is_cut_off(deck)
        folder.trainer(state="RUNNING")
        await deck.next_snapshot()
        assert "compile the flight code" not in deck.text

    fly(folder.paths, size, steps)


def test_leaving_a_start_that_failed_says_so(folder: StateFolder) -> None:
    folder.daemon()
    folder.run_record()
    folder.resources()
    folder.trainer(state="FATAL", phase=None, heartbeat_s=None, last_exit="exit code 78: invalid")
    folder.hold_lock()

    async def steps(deck: Deck) -> None:
        await deck.press("q")
        assert deck.app.return_value is Exit.FAILED
        (message,) = deck.app._exit_renderables
        assert "Trainer failed, no more restarts: exit code 78: invalid" in str(message)
        assert "landerctl start" in str(message)

    fly(folder.paths, (80, 24), steps)


def test_the_screen_outlives_its_daemon(folder: StateFolder) -> None:
    folder.everything()
    folder.hold_lock()

    async def steps(deck: Deck) -> None:
        assert "daemon up" in deck.text
        folder.release_lock()
        await deck.next_snapshot()
        assert "✖ daemon died" in deck.text
        assert "✖ Daemon died unexpectedly" in deck.text
        assert "landerctl start" in deck.text
        assert "trainer was RUNNING" in deck.text
        assert "47% of 55%" in deck.text  # the last data is kept
        assert deck.app.query_one("#body").has_class("-dimmed")
        folder.daemon(stopped_s=folder.now_s, reason="asked")
        await deck.next_snapshot()
        assert "■ Daemon stopped cleanly" in deck.text
        folder.daemon()
        folder.hold_lock()
        await deck.next_snapshot()
        assert "● daemon up" in deck.text
        assert not deck.app.query_one("#body").has_class("-dimmed")

    fly(folder.paths, (80, 24), steps)


def test_a_silent_daemon_is_reported(folder: StateFolder) -> None:
    folder.now_s -= 100.0
    folder.everything()
    folder.hold_lock()

    async def steps(deck: Deck) -> None:
        assert "▲ daemon silent" in deck.text
        assert "the daemon runs but writes nothing" in deck.text
        assert "landerctl check store" in deck.text

    fly(folder.paths, (120, 40), steps)
