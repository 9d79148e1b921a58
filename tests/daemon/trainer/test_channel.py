"""Orders and reports over real pipes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from daemon.protocol.trainer import Phase, Save, Stop, encode_line, report_decoder
from daemon.trainer.channel import ORDER_FD, REPORT_FD, Channel


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
