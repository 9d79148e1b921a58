"""Orders and reports over real pipes."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from daemon.protocol.trainer import Phase, Save, Stop, encode_line, report_decoder
from daemon.trainer.channel import ORDER_FD, REPORT_FD, Channel
from tests.waiting import PATIENCE_S


class Pipes:
    """A channel and the supervisor's ends of its pipes."""

    def __init__(self) -> None:
        self.reports, report_end = os.pipe()
        order_end, self.orders = os.pipe()
        self.channel = Channel({REPORT_FD: str(report_end), ORDER_FD: str(order_end)})


@pytest.fixture
def pipes() -> Iterator[Pipes]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield Pipes()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_a_report_arrives_as_one_line(pipes: Pipes) -> None:
    pipes.channel.send(Phase("learning", "x"))
    line = os.read(pipes.reports, 4096)
    assert line.endswith(b"\n")
    assert report_decoder.decode(line) == Phase("learning", "x")


def test_orders_are_reassembled_from_partial_reads(pipes: Pipes) -> None:
    assert pipes.channel.poll() == []
    sent = encode_line(Save("manual")) + encode_line(Stop("asked"))
    os.write(pipes.orders, sent[:7])
    assert pipes.channel.poll() == []
    os.write(pipes.orders, sent[7:])
    assert pipes.channel.interrupted()
    assert pipes.channel.poll() == [Save("manual"), Stop("asked")]
    assert not pipes.channel.interrupted()


def test_a_closed_order_pipe_means_the_supervisor_is_gone(pipes: Pipes) -> None:
    os.write(pipes.orders, encode_line(Save("manual")))
    os.close(pipes.orders)
    assert pipes.channel.poll() == [Save("manual")]
    pipes.channel.poll()
    assert pipes.channel.orphaned


def test_a_closed_report_pipe_is_detected_not_raised(pipes: Pipes) -> None:
    os.close(pipes.reports)
    pipes.channel.send(Phase("learning"))
    assert pipes.channel.orphaned


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"fly"}',
        b'{"\xff": 1}',
        b'{"type":"stop","more":' + b"[" * 5000,
    ],
)
def test_an_invalid_order_stops(pipes: Pipes, line: bytes) -> None:
    os.write(pipes.orders, line + b"\n")
    (order,) = pipes.channel.poll()
    assert isinstance(order, Stop)
    assert "not understood" in order.reason


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_are_orders_to_stop(pipes: Pipes, number: signal.Signals) -> None:
    pipes.channel.handle_signals()
    os.kill(os.getpid(), number)
    assert pipes.channel.poll() == [Stop(number.name)]


def test_a_supervisor_that_does_not_read_stops_no_training(pipes: Pipes) -> None:
    """It may be frozen; ended by a timer, for a channel that waits would do so for ever."""
    sender = threading.Thread(target=send_much, args=(pipes.channel,), daemon=True)
    sender.start()
    sender.join(PATIENCE_S)
    waits = sender.is_alive()
    while waits or select.select([pipes.reports], [], [], 0.0)[0]:
        os.read(pipes.reports, 1 << 20)
        waits = False
        pipes.channel.poll()
    assert not sender.is_alive()


def send_much(channel: Channel) -> None:
    for number in range(4000):
        channel.send(Phase("learning", f"{number} " + "x" * 500))


def test_no_signal_but_those_of_faults_ends_a_trainer() -> None:
    faults = {"SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGSEGV", "SIGSYS"}
    uncatchable_or_stopping = {"SIGKILL", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"}
    sent = sorted(
        number
        for number in range(1, signal.SIGRTMAX + 1)
        if number in signal.valid_signals() and name(number) not in faults | uncatchable_or_stopping
    )
    script = (
        "import os\n"
        "from daemon.trainer.channel import Channel\n"
        "channel = Channel({})\n"
        "channel.handle_signals()\n"
        f"for number in {sent}:\n"
        "    os.kill(os.getpid(), number)\n"
        "print(sorted(order.reason for order in channel.poll()))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended
    assert ended.stdout.strip() == "['SIGINT', 'SIGTERM']"
    assert ended.stderr.count("most recent call first") == 2


def name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return ""
