"""The trainer's ends of the two pipes: reports out, orders in. Once it trains, the training loop
itself sends, so a heartbeat shows that the loop runs.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Mapping
from contextlib import suppress
from types import FrameType

from daemon.base.malformed import MALFORMED
from daemon.processes.report_pipe import ReportPipe
from daemon.processes.signals import survive_signals
from daemon.protocol.trainer import (
    EpisodesEnded,
    Metrics,
    Order,
    Phase,
    Progress,
    Report,
    Startup,
    Stop,
    encode_line,
    order_decoder,
)

REPORT_FD = "LANDERCTL_REPORT_FD"
ORDER_FD = "LANDERCTL_ORDER_FD"


class Channel:
    """Sends reports to the supervisor and reads its orders. Does nothing without descriptors."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        report_fd = _descriptor(environ, REPORT_FD)
        self._reports = None if report_fd is None else ReportPipe(report_fd)
        self._order_fd = _descriptor(environ, ORDER_FD)
        self._rest = b""
        self._orders: list[Order] = []
        self.orphaned = False  # the supervisor is gone
        if self._order_fd is not None:
            os.set_blocking(self._order_fd, False)

    def send(self, report: Report) -> None:
        """Write one line, from any thread, without waiting for a supervisor that may be frozen.

        If the supervisor is gone, sets `orphaned` instead of raising.
        """
        if self._reports is None:
            return
        # Newer ones replace these, or add to them.
        optional = Phase | Startup | Progress | Metrics | EpisodesEnded
        needed = not isinstance(report, optional)
        try:
            self._reports.write(encode_line(report), needed=needed)
        except BrokenPipeError:
            self.orphaned = True

    def finish(self) -> None:
        """Before the exit: wait until everything is written, or the supervisor is gone."""
        if self._reports is not None:
            with suppress(BrokenPipeError):
                self._reports.finish()

    def handle_signals(self) -> None:
        """Treat SIGTERM and SIGINT as an order to stop; no other signal ends the training."""
        survive_signals()
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

    def stop_requested(self) -> bool:
        """Whether an order to stop is pending or the supervisor is gone; orders stay for `poll`."""
        return self.interrupted() and (
            self.orphaned or any(isinstance(order, Stop) for order in self._orders)
        )

    def _read(self) -> None:
        if self._order_fd is None or self.orphaned:
            return
        if self._reports is not None:
            try:
                self._reports.flush()
            except BrokenPipeError:
                self.orphaned = True
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
