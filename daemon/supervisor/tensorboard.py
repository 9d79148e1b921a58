"""The optional TensorBoard server beside the training."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from daemon.config.schema import Supervision
from daemon.supervisor.exit_text import describe_exit
from daemon.supervisor.lease import Lease, kill_group, set_within, wait_for_lease
from daemon.supervisor.restart import CrashHistory, backoff_s, note_crash

_log = logging.getLogger(__name__)


class SupervisedTensorBoard:
    """Keeps the server running; it never gives up, for nothing depends on it."""

    def __init__(
        self, command: Sequence[str], lease_path: Path, log: Path, settings: Supervision
    ) -> None:
        self._command = command
        self._lease_path = lease_path
        self._log_path = log
        self._settings = settings
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the server and keep it up."""
        self._task = asyncio.create_task(self._supervise(), name="tensorboard")

    async def stop(self) -> None:
        """Kill the server: it has nothing to save."""
        self._stop.set()
        if self._task is not None:
            await self._task

    async def _supervise(self) -> None:
        loop = asyncio.get_running_loop()
        history = CrashHistory()
        # A server that a dead supervisor left behind still has the port: kill it at once.
        while (lease := await wait_for_lease(self._lease_path, 0.0, self._stop)) is not None:
            started_s = loop.time()
            await self._run(lease)
            if self._stop.is_set():
                return
            now_s = loop.time()
            history = note_crash(
                history, now_s=now_s, healthy_s=now_s - started_s, settings=self._settings
            )
            if await set_within(self._stop, backoff_s(history.in_a_row, self._settings)):
                return

    async def _run(self, lease: Lease) -> None:
        output = os.open(
            self._log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(lease.descriptor,),
                start_new_session=True,
            )
            lease.record(process.pid)
        except OSError as error:
            _log.warning("TensorBoard cannot be started: %s", error)
            return
        finally:
            os.close(output)
            lease.close()
        exited = asyncio.create_task(process.wait())
        asked = asyncio.create_task(self._stop.wait())
        await asyncio.wait({exited, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if not exited.done():
            kill_group(process.pid)
            await exited
            return
        kill_group(process.pid)
        _log.warning("TensorBoard ended: %s", describe_exit(exited.result()))
