"""The optional TensorBoard server beside the training."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from daemon.base.files import open_log
from daemon.config.schema import SupervisionSettings
from daemon.processes.lease import Lease, kill_group
from daemon.supervisor.aio.events import set_within
from daemon.supervisor.aio.tasks import log_error, spawn_task
from daemon.supervisor.process.exits import describe_exit
from daemon.supervisor.process.lease_wait import wait_for_lease
from daemon.supervisor.process.restart import CrashHistory, backoff_s, note_crash
from daemon.supervisor.sidecars import tensorboard_server
from daemon.supervisor.sidecars.ports import HOST, first_free
from daemon.supervisor.sidecars.server_record import ServerRecord


def tensorboard_url(port: int) -> str:
    """Where a server on this port is found."""
    return f"http://{HOST}:{port}/"


def tensorboard_command(folder: Path, port: int, report_fd: int) -> list[str]:
    """The server of a folder of event files. It ends when its standard input is closed.

    Once it listens it writes its port, a line, to `report_fd`: only then a server that answers
    there is this one. `port` 0: any free one.
    """
    at = ["--report-fd", str(report_fd), "--host", HOST, "--port", str(port)]
    return [sys.executable, "-P", "-m", tensorboard_server.__name__, *at, "--logdir", str(folder)]


class SupervisedTensorBoard:
    """Keeps the server running; it never gives up, for nothing depends on it.

    The server ends with this process, which holds its standard input open. If it does not, the next
    supervisor finds the lease held and kills it. It gets the first of `ports` that is free;
    `command` takes that port and the descriptor for its report.
    """

    def __init__(
        self,
        command: Callable[[int, int], Sequence[str]],
        ports: Sequence[int],
        lease_path: Path,
        log: Path,
        *,
        settings: SupervisionSettings,
        record: ServerRecord,
    ) -> None:
        self._command = command
        self._ports = ports
        self._lease_path = lease_path
        self._log_path = log
        self._settings = settings
        self._record = record
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the server and keep it up."""
        self._task = spawn_task(self._supervise(), "tensorboard", log_error)

    async def stop(self) -> None:
        """Kill the server: it has nothing to save."""
        self._stop.set()
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _supervise(self) -> None:
        loop = asyncio.get_running_loop()
        history = CrashHistory()
        while not self._stop.is_set():
            started_s = loop.time()
            try:
                await self._run_once()
            except OSError as error:
                self._record.failed(f"cannot be started: {error}")
            now_s = loop.time()
            history = note_crash(
                history, now_s=now_s, healthy_s=now_s - started_s, settings=self._settings
            )
            await set_within(self._stop, backoff_s(history.consecutive, self._settings))

    async def _run_once(self) -> None:
        # The server of a dead supervisor still has the port: kill it at once.
        lease = await wait_for_lease(self._lease_path, 0.0, self._stop, lambda pid: None)
        if lease is None:
            return
        try:
            port, problem = await asyncio.to_thread(first_free, self._ports)
            if port is None:
                self._record.has_no_port(problem)
                return
            reading, writing = os.pipe()
            try:
                process = await self._start(lease, port, writing)
            except OSError:
                os.close(reading)
                raise
            finally:
                os.close(writing)
        finally:
            lease.close()
        serving = spawn_task(self._note_port(reading), "tensorboard's port", log_error)
        exited = asyncio.create_task(process.wait())
        asked = asyncio.create_task(self._stop.wait())
        await asyncio.wait({exited, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        kill_group(process.pid)
        code = await exited
        await asyncio.wait({serving})
        self._record.starts()
        if not self._stop.is_set():
            self._record.failed(f"ended with {describe_exit(code)}; see {self._log_path}")

    async def _note_port(self, reading: int) -> None:
        """Record the port that the server has, once it listens."""
        line = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(line), os.fdopen(reading, "rb", buffering=0)
        )
        try:
            port = (await line.readline()).strip()
        finally:
            transport.close()
        if port.isdigit():
            self._record.serves(tensorboard_url(int(port)))

    async def _start(self, lease: Lease, port: int, report_fd: int) -> asyncio.subprocess.Process:
        output = open_log(self._log_path, "TensorBoard")
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command(port, report_fd),
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
                pass_fds=(lease.descriptor, report_fd),
                start_new_session=True,
            )
        finally:
            os.close(output)
        try:
            lease.record(process.pid)
        except OSError:
            kill_group(process.pid)
            raise
        return process
