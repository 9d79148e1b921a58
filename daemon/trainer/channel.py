"""The trainer's ends of the two pipes: reports out, orders in. Once it trains, the training loop
itself sends, so a heartbeat shows that the loop runs.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Mapping
from types import FrameType

from daemon.base.malformed import MALFORMED
from daemon.protocol.trainer import Order, Report, Stop, encode_line, order_decoder

REPORT_FD = "LANDERCTL_REPORT_FD"
ORDER_FD = "LANDERCTL_ORDER_FD"


class Channel:
    """Sends reports to the supervisor and reads its orders. Does nothing without descriptors."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._report_fd = _descriptor(environ, REPORT_FD)
        self._order_fd = _descriptor(environ, ORDER_FD)
        self._sending = threading.Lock()
        self._rest = b""
        self._orders: list[Order] = []
        self.orphaned = False  # the supervisor is gone
        if self._order_fd is not None:
            os.set_blocking(self._order_fd, False)

    def send(self, report: Report) -> None:
        """Write one line, from any thread. If the supervisor is gone, sets `orphaned`."""
        if self._report_fd is None:
            return
        line = memoryview(encode_line(report))
        try:
            with self._sending:
                while line:
                    line = line[os.write(self._report_fd, line) :]
        except BrokenPipeError:
            self.orphaned = True

    def handle_signals(self) -> None:
        """Treat SIGTERM and SIGINT as an order to stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._orders.append(Stop(reason=signal.Signals(number).name))

    def poll(self) -> list[Order]:
        """The orders that arrived since the last call; does not block."""
        self._read()
        orders, self._orders = self._orders, []
        return orders

    def interrupted(self) -> bool:
        """Whether an order is pending or the supervisor is gone; orders stay for `poll`."""
        self._read()
        return bool(self._orders) or self.orphaned

    def _read(self) -> None:
        if self._order_fd is None or self.orphaned:
            return
        while select.select([self._order_fd], [], [], 0.0)[0]:
            data = os.read(self._order_fd, 65536)
            if not data:
                self.orphaned = True
                return
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._orders += [_decode(line) for line in lines]


def _descriptor(environ: Mapping[str, str], name: str) -> int | None:
    value = environ.get(name)
    return int(value) if value else None


def _decode(line: bytes) -> Order:
    try:
        order: Order = order_decoder.decode(line)
    except MALFORMED as error:
        # Both ends have the same version: an invalid order means a broken supervisor.
        return Stop(reason=f"order not understood: {error}")
    return order
