"""One trainer process: process group, two pipes, lease."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Self

import msgspec

from daemon.base.files import open_log
from daemon.base.malformed import MALFORMED
from daemon.base.paths import RunPaths
from daemon.processes.lease import Lease, kill_group, signal_group
from daemon.processes.priority import pass_priority_on
from daemon.protocol.trainer import MAX_LINE_BYTES, Order, Report, encode_line, report_decoder

_log = logging.getLogger(__name__)

REPORT_FD = "LANDERCTL_REPORT_FD"
ORDER_FD = "LANDERCTL_ORDER_FD"
# After the group's exit its pipe holds at most 64 KiB; only a process that left the group and
# inherited the pipe keeps it open longer.
DRAIN_TIMEOUT_S = 2.0


class MalformedLine(msgspec.Struct, frozen=True):
    """A line that is not a report. Only `reason` is kept: the line may contain anything."""

    reason: str


class TrainerProcess:
    """A running trainer. `pid` is also its process group and session."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reports: asyncio.StreamReader,
        report_transport: asyncio.BaseTransport,
        orders: asyncio.WriteTransport,
    ) -> None:
        self.pid = process.pid
        self._process = process
        self._reports = reports
        self._report_transport = report_transport
        self._orders = orders

    @classmethod
    async def spawn(cls, command: Sequence[str], run: RunPaths, lease: Lease) -> Self:
        """Start `command` in a new session, output appended to the run's log.

        The child inherits the lease and gets its pipes' descriptors by environment variables.
        However this process exits, the kernel closes the order pipe: the child then saves and
        exits. Raises OSError.
        """
        loop = asyncio.get_running_loop()
        report_read, report_write = os.pipe()
        order_read, order_write = os.pipe()
        try:
            reports = asyncio.StreamReader(limit=MAX_LINE_BYTES)
            report_transport, _ = await loop.connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reports), os.fdopen(report_read, "rb", 0)
            )
            orders, _ = await loop.connect_write_pipe(
                asyncio.BaseProtocol, os.fdopen(order_write, "wb", 0)
            )
            try:
                process = await _start(command, run.log, (report_write, order_read), lease)
            except OSError:
                report_transport.close()
                orders.close()
                raise
        finally:
            os.close(report_write)
            os.close(order_read)
        try:
            lease.record(process.pid)
        except OSError as error:
            # The next supervisor would have to wait for this trainer instead of killing it.
            _log.warning("%s: %s", run.lease, error)
        return cls(process, reports, report_transport, orders)

    async def reports(self) -> AsyncIterator[Report | MalformedLine]:
        """The trainer's reports, until it closes its end of the pipe."""
        while True:
            try:
                line = await self._reports.readline()
            except ValueError:
                yield MalformedLine(f"a line longer than {MAX_LINE_BYTES} bytes")
                continue
            if not line:
                return
            try:
                yield report_decoder.decode(line)
            except MALFORMED as error:
                yield MalformedLine(str(error))

    def order(self, order: Order) -> None:
        """Send an order; dropped if the trainer has exited."""
        if not self._orders.is_closing():
            self._orders.write(encode_line(order))

    async def wait(self) -> int:
        """Wait for the exit; returns the exit code, or minus the signal."""
        return await self._process.wait()

    def kill(self) -> None:
        """SIGKILL the whole group."""
        kill_group(self.pid)

    def continue_(self) -> None:
        """Continue a group that a signal has stopped."""
        signal_group(self.pid, signal.SIGCONT)

    async def finish(self, pump: asyncio.Task[None]) -> None:
        """After the exit: kill the rest of the group, let `pump` read the last reports."""
        self.kill()
        await asyncio.wait({pump}, timeout=DRAIN_TIMEOUT_S)
        self._report_transport.close()
        self._orders.close()
        if pump.done():
            pump.result()
        else:
            _log.warning("a process outside the trainer's group keeps its report pipe open")
            pump.cancel()


async def _start(
    command: Sequence[str], log: Path, descriptors: tuple[int, int], lease: Lease
) -> asyncio.subprocess.Process:
    output = open_log(log, "trainer")
    environment = dict(os.environ)
    environment[REPORT_FD], environment[ORDER_FD] = (str(number) for number in descriptors)
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(*descriptors, lease.descriptor),
            start_new_session=True,
            env=environment,
        )
    finally:
        os.close(output)
    pass_priority_on(process.pid)
    return process
