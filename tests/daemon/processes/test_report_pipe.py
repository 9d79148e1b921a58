"""A pipe whose reader does not read."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator

import pytest

from daemon.processes.report_pipe import MAX_WAITING_BYTES, PIPE_BYTES, ReportPipe

LINE_BYTES = 1000


class Reader:
    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def lines(self, pipe: ReportPipe) -> list[bytes]:
        """Everything that arrives while the pipe is flushed."""
        data = b""
        while True:
            pipe.flush()
            if not select.select([self.descriptor], [], [], 0.0)[0]:
                return data.splitlines()
            data += os.read(self.descriptor, 1 << 20)


@pytest.fixture
def reader() -> Iterator[tuple[Reader, ReportPipe]]:
    reading, writing = os.pipe()
    yield Reader(reading), ReportPipe(writing)
    os.close(reading)
    os.close(writing)


def line(number: int) -> bytes:
    return f"{number:08}".encode().ljust(LINE_BYTES - 1, b"x") + b"\n"


def numbers(lines: list[bytes]) -> list[int]:
    assert all(len(one) == LINE_BYTES - 1 for one in lines)
    return [int(one[:8]) for one in lines]


def test_it_never_waits_and_keeps_the_order(reader: tuple[Reader, ReportPipe]) -> None:
    read, pipe = reader
    count = 2 * PIPE_BYTES // LINE_BYTES
    for number in range(count):
        pipe.write(line(number), needed=False)
    assert numbers(read.lines(pipe)) == list(range(count))


def test_only_lines_that_newer_ones_replace_are_dropped(reader: tuple[Reader, ReportPipe]) -> None:
    read, pipe = reader
    count = 3 * MAX_WAITING_BYTES // LINE_BYTES
    for number in range(count):
        pipe.write(line(number), needed=number % 10 == 0)
    found = numbers(read.lines(pipe))
    assert found == sorted(found) and found[-1] == count - 1
    assert set(found) >= set(range(0, count, 10))
    assert len(found) * LINE_BYTES < PIPE_BYTES + MAX_WAITING_BYTES + count // 10 * LINE_BYTES


def test_a_reader_that_has_gone_is_an_error(reader: tuple[Reader, ReportPipe]) -> None:
    _, pipe = reader
    other_reading, other_writing = os.pipe()
    os.close(other_reading)
    with pytest.raises(BrokenPipeError):
        ReportPipe(other_writing).write(b"x\n", needed=True)
    os.close(other_writing)
    pipe.finish()
