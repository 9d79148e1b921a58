"""A clock that stands still while the process does, and time-outs by it."""

from __future__ import annotations

import asyncio
import time

import pytest

from daemon.base.clocks.running_time import (
    MAX_STEP_S,
    RunningTime,
    mark_in_thread,
    run_in_running_time,
)
from tests.waiting import eventually


class Machine:
    """A monotonic clock that jumps when the process was frozen."""

    def __init__(self) -> None:
        self.frozen_s = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.frozen_s


def test_time_between_marks_counts_up_to_a_step() -> None:
    now = [100.0]
    running, gaps = RunningTime(lambda: now[0]), list[float]()
    running.on_gap = gaps.append
    for real_s, expected_s in [(100.2, 100.2), (100.6, 100.6), (700.6, 101.1), (700.7, 101.2)]:
        now[0] = real_s
        before_s = running.now_s()
        running.mark()
        assert running.now_s() == pytest.approx(expected_s) == pytest.approx(before_s)
    assert gaps == [pytest.approx(600.0)]


def test_no_timeout_expires_because_the_process_was_frozen() -> None:
    machine = Machine()
    running = RunningTime(machine.monotonic)
    gaps: list[float] = []
    running.on_gap = gaps.append

    async def work() -> str:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()
        loop.call_later(0.1, setattr, machine, "frozen_s", 600.0)
        loop.call_later(MAX_STEP_S + 0.3, answer.set_result, "answer")
        before_s = loop.time()
        async with asyncio.timeout(30.0):
            text = await answer
        assert loop.time() - before_s < 30.0
        return text

    assert run_in_running_time(work(), running) == "answer"
    assert len(gaps) == 1 and gaps[0] >= 600.0


def test_a_thread_marks_the_time_of_a_process_without_a_loop() -> None:
    machine = Machine()
    running = RunningTime(machine.monotonic, max_step_s=10.0)
    gaps: list[float] = []
    running.on_gap = gaps.append
    before_s = running.now_s()
    mark_in_thread(running, 0.01)
    machine.frozen_s = 600.0
    eventually(lambda: gaps, "it is noticed")
    assert running.now_s() - before_s < 100.0


def test_a_timeout_expires_while_the_process_runs() -> None:
    async def work() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await asyncio.get_running_loop().create_future()

    run_in_running_time(work(), RunningTime())
