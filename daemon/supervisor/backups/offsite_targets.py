"""Offsite copies of backups: one process per target, and their reports.

Only these processes load obstore and talk to a store, so that no store can block the supervisor or
fill its memory.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import suppress
from pathlib import Path

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.text.counted import counted
from daemon.config.schema import BackupSettings, BackupTarget
from daemon.offsite.protocol import (
    Assignment,
    Expired,
    Failing,
    Lacking,
    Made,
    Report,
    Sent,
    Unsendable,
    Working,
    encode_line,
    report_decoder,
)
from daemon.store.async_recorder import Recorder
from daemon.supervisor.aio.reporting_child import start_reporting_child
from daemon.supervisor.aio.tasks import log_error, spawn_task
from daemon.supervisor.process.exits import describe_exit

_log = logging.getLogger(__name__)

UNSENT = "backup/unsent"
FINISH_S = 7.0  # a process takes up to 5 s when the supervisor stops
FIRST_RESTART_S = 1.0
LONGEST_RESTART_S = 300.0
MAX_BUFFERED_BYTES = 1 << 16


class OffsiteTargets:
    """All of `backup.targets`."""

    def __init__(
        self, settings: BackupSettings, backups: Path, *, clock_record: Path, recorder: Recorder
    ) -> None:
        self._targets = [
            Target(
                target,
                Assignment(
                    url=target.url,
                    options_file=target.options_file or None,
                    backups=str(backups),
                    settings=msgspec.structs.replace(settings, targets=[]),
                    clock=str(clock_record),
                ),
                recorder=recorder,
            )
            for target in settings.targets
        ]

    def start(self, after: asyncio.Event) -> None:
        """Start sending missing backups to the targets, once `after` is set."""
        for target in self._targets:
            target.start(after)

    def made(self, run_id: str, id_: str) -> None:
        """Report to the targets that a backup was made or its tag changed."""
        for target in self._targets:
            target.send(Made(run_id, id_))

    def metrics(self) -> dict[str, float]:
        """The largest number of backups that a target lacks; empty without targets."""
        if not self._targets:
            return {}
        return {UNSENT: float(max(target.lacking for target in self._targets))}

    async def finish(self) -> None:
        """Stop after sending the newest backups, within FINISH_S in any case."""
        await asyncio.gather(*(target.finish() for target in self._targets))


class Target:
    """One target and its process."""

    def __init__(
        self, settings: BackupTarget, assignment: Assignment, *, recorder: Recorder
    ) -> None:
        self._name = settings.name
        self._assignment = assignment
        self._recorder = recorder
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._failing = False
        self.lacking = 0

    def start(self, after: asyncio.Event) -> None:
        """Start the process once `after` is set, and keep it running."""
        self._task = spawn_task(self._keep_running(after), f"target {self._name}", log_error)

    def send(self, made: Made) -> None:
        """Send to the process, if it reads; otherwise its next sweep finds the backup."""
        stdin = self._process.stdin if self._process else None
        if stdin is None or stdin.is_closing():
            return
        if stdin.transport.get_write_buffer_size() < MAX_BUFFERED_BYTES:
            stdin.write(encode_line(made))

    async def finish(self) -> None:
        """Let the process exit; kill it after FINISH_S."""
        self._stopping = True
        if self._task is None:
            return
        process = self._process
        if process is None:
            self._task.cancel()
        elif process.stdin is not None:
            process.stdin.close()
        await asyncio.wait({self._task}, timeout=FINISH_S)
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
            # With a limit: a process that waits for a dead disk cannot be killed.
            await asyncio.wait({self._task}, timeout=1.0)
        self._task.cancel()

    async def _keep_running(self, after: asyncio.Event) -> None:
        await after.wait()
        loop = asyncio.get_running_loop()
        delay_s = FIRST_RESTART_S
        while not self._stopping:
            began_s = loop.time()
            try:
                end = describe_exit(await self._run_once())
            except OSError as error:
                end = f"could not be started: {error.strerror}"
            if self._stopping:
                return
            self._fail(f"its process: {end}")
            if loop.time() - began_s > LONGEST_RESTART_S:
                delay_s = FIRST_RESTART_S
            await asyncio.sleep(delay_s)
            delay_s = min(2.0 * delay_s, LONGEST_RESTART_S)

    async def _run_once(self) -> int:
        process, orders, reports = await start_reporting_child(
            "daemon.offsite", encode_line(self._assignment)
        )
        self._process = process
        try:
            if self._stopping:
                orders.close()
            async for line in reports:
                try:
                    self._handle(report_decoder.decode(line))
                except MALFORMED:
                    _log.warning("target %s: a report could not be decoded", self._name)
            return await process.wait()
        finally:
            self._process = None

    def _handle(self, report: Report) -> None:
        match report:
            case Lacking(count):
                self.lacking = count
            case Failing(error):
                self._fail(error)
            case Working():
                if self._failing:
                    self._recorder.event(
                        "backup.target_recovered",
                        f"Target {self._name} works again and has all backups",
                        body={"target": self._name},
                    )
                self._failing = False
            case Sent(_, id_, size_bytes):
                self._recorder.event(
                    "backup.sent",
                    f"Backup {id_} sent to {self._name}, {size_bytes / 1e6:.1f} MB",
                    body={"target": self._name, "id": id_, "bytes": size_bytes},
                )
            case Expired(count, size_bytes):
                self._recorder.event(
                    "backup.pruned",
                    f"{counted(count, 'backup')} removed at {self._name} by age or size",
                    body={"target": self._name, "count": count, "bytes": size_bytes},
                )
            case Unsendable(_, id_, error):
                self._recorder.event(
                    "backup.unsent",
                    f"Backup {id_} was not sent to {self._name}: {error}",
                    body={"target": self._name, "id": id_, "error": error},
                )

    def _fail(self, error: str) -> None:
        if not self._failing:
            self._recorder.event(
                "backup.target_failed",
                f"Target {self._name} gets no new backups: {error}; will retry",
                body={"target": self._name, "error": error},
            )
        self._failing = True
