"""Processes fly each flight once, with the numbers that one process has; a lost one is an error."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import numpy as np
import psutil
import pytest

from daemon.trainer.evaluation.fly_episodes import seeded_flights
from daemon.trainer.evaluation.workers.fly_shared import Crew, fly_shared
from daemon.trainer.evaluation.workers.share import WorkerLostError, share
from daemon.trainer.evaluation.workers.shared_numbers import SharedNumbers
from daemon.trainer.fleets import fleet_settings
from env.compilation.build import compile_environment
from env.fleet import Episode
from tests.daemon.trainer.conftest import small_config
from tests.daemon.trainer.evaluation.steady import Steady
from tests.waiting import eventually

CONFIG = small_config()


def test_any_number_of_processes_has_the_same_results(monkeypatch: pytest.MonkeyPatch) -> None:
    # However fast the machine is, it reports before its last flight.
    monkeypatch.setattr("daemon.trainer.evaluation.workers.fly_shared.REPORT_S", 0.0)
    compile_environment(lambda compiled, needed: None)
    settings = fleet_settings(CONFIG, CONFIG.curriculum.stages[0], 16)
    flights = seeded_flights(5000, 20)
    shown: list[int] = []

    def show(ended: Sequence[Episode], steps: float) -> None:
        assert steps > 0
        shown.append(len(ended))

    one, two = (
        fly_shared(
            lambda landers: Steady(),
            settings,
            flights,
            Crew(workers, 8),
            progress=show,
            record=True,
        )
        for workers in (1, 2)
    )
    assert [flown.episode.seed for flown in one] == [flight.seed for flight in flights]
    assert [flown.episode for flown in one] == [flown.episode for flown in two]
    for alone, beside in zip(one, two, strict=True):
        assert np.array_equal(alone.track, beside.track)  # type: ignore[arg-type]
        assert alone.track is not None
        assert alone.track[-1, 0] == pytest.approx(alone.episode.time_s)
    assert shown


def test_each_number_is_taken_once() -> None:
    numbers = SharedNumbers(2000)

    def work(send: Callable[[bytes], None]) -> None:
        for number in numbers:
            send(number.to_bytes(4))

    taken = [int.from_bytes(message) for message in share(work, 3)]
    numbers.close()
    assert sorted(taken) == list(range(2000))


def wait_for_ever(send: Callable[[bytes], None]) -> None:
    send(os.getpid().to_bytes(4))
    while True:
        signal.pause()


def test_a_killed_process_ends_all() -> None:
    with closing(share(wait_for_ever, 2)) as messages:
        pids = [int.from_bytes(next(messages)) for _ in range(2)]
        os.kill(pids[0], signal.SIGKILL)
        with pytest.raises(WorkerLostError, match="ended by SIGKILL, perhaps for want of memory"):
            next(messages)
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_one_killed_while_it_sends_is_lost() -> None:
    def send_half(send: Callable[[bytes], None]) -> None:
        method: Any = send
        os.write(method.__self__.fileno(), (100).to_bytes(4) + b"half")
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(WorkerLostError, match="ended by SIGKILL"):
        list(share(send_half, 1))


def test_a_failed_process_is_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    def fail(send: Callable[[bytes], None]) -> None:
        raise RuntimeError("no fuel")

    with pytest.raises(WorkerLostError, match="failed with code 1"):
        list(share(fail, 1))
    assert "no fuel" in capfd.readouterr().err


def test_an_interrupt_is_left_to_the_first_process() -> None:
    def report(send: Callable[[bytes], None]) -> None:
        send(bytes([signal.getsignal(signal.SIGINT) is signal.SIG_IGN]))

    assert list(share(report, 2)) == [b"\x01", b"\x01"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_they_end_with_the_first_process() -> None:
    reading, writing = os.pipe()
    first = os.fork()
    if first == 0:
        for message in share(wait_for_ever, 1):
            os.write(writing, message)
    pid = int.from_bytes(os.read(reading, 4))
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)
    eventually(lambda: not alive(pid), "the process of a killed one ends")
    os.close(reading)
    os.close(writing)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize(
    ("flights", "threads", "expected"),
    [(1, 2, Crew(1, 8)), (15, 2, Crew(1, 15)), (100, 1, Crew(1, 100)), (1000, 1, Crew(1, 128))],
)
def test_a_crew_follows_flights_and_threads(flights: int, threads: int, expected: Crew) -> None:
    assert Crew.of(flights, landers=128, threads=threads) == expected


def test_landers_are_split_among_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(4)))
    crew = Crew.of(1000, landers=128, threads=2)
    assert crew.workers * crew.landers == 128
