"""Copies of the backups elsewhere: a process for each target, and what they report.

The supervisor itself talks to no store: its memory, its event loop and its end do not depend on
one. obstore is loaded over there alone.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.paths import StatePaths
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
from daemon.supervisor.aio.tasks import log_error, spawn_task
from daemon.supervisor.process.exits import describe_exit

_log = logging.getLogger(__name__)

UNSENT = "backup/unsent"
FINISH_S = 7.0  # a process gives itself 5 s when the supervisor ends
FIRST_RESTART_S = 1.0
LONGEST_RESTART_S = 300.0
MAX_BUFFERED_BYTES = 1 << 16


class OffsiteTargets:
    """All targets of [backup]."""

    def __init__(
        self, settings: BackupSettings, paths: StatePaths, backups: Path, *, recorder: Recorder
    ) -> None:
        self._targets = [
            Target(
                target,
                Assignment(
                    url=target.url,
                    options_file=_options_file(target, paths),
                    backups=str(backups),
                    settings=msgspec.structs.replace(settings, targets=[]),
                ),
                recorder=recorder,
            )
            for target in settings.targets
        ]

    def start(self) -> None:
        """Begin to send what the targets lack."""
        for target in self._targets:
            target.start()

    def made(self, run_id: str, id_: str) -> None:
        """A backup was made, or its tag changed."""
        for target in self._targets:
            target.send(Made(run_id, id_))

    def metrics(self) -> dict[str, float]:
        """How many backups the target lacks that lacks most; nothing where there is no target."""
        if not self._targets:
            return {}
        return {UNSENT: float(max(target.lacking for target in self._targets))}

    async def finish(self) -> None:
        """End, once what was made last is sent; within FINISH_S, whatever the targets do."""
        await asyncio.gather(*(target.finish() for target in self._targets))


class Target:
    """One target, and the process that attends to it."""

    def __init__(
        self, settings: BackupTarget, assignment: Assignment, *, recorder: Recorder
    ) -> None:
        self._name = settings.name
        self._assignment = assignment
        self._recorder = recorder
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._ending = False
        self._failing = False
        self.lacking = 0

    def start(self) -> None:
        """Start the process, and keep it up."""
        self._task = spawn_task(self._keep_up(), f"target {self._name}", log_error)

    def send(self, news: Made) -> None:
        """Tell the process, if it listens; otherwise its next sweep finds out."""
        stdin = self._process.stdin if self._process else None
        if stdin is None or stdin.is_closing():
            return
        if stdin.transport.get_write_buffer_size() < MAX_BUFFERED_BYTES:
            stdin.write(encode_line(news))

    async def finish(self) -> None:
        """Let the process end; kill one that does not."""
        self._ending = True
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
            # Not for ever: one that waits for a dead disk cannot be killed.
            await asyncio.wait({self._task}, timeout=1.0)
        self._task.cancel()

    async def _keep_up(self) -> None:
        loop = asyncio.get_running_loop()
        delay_s = FIRST_RESTART_S
        while not self._ending:
            began_s = loop.time()
            try:
                end = describe_exit(await self._run_once())
            except OSError as error:
                end = f"it cannot be started: {error.strerror}"
            if self._ending:
                return
            self._fail(f"the process that sends to it has ended: {end}")
            if loop.time() - began_s > LONGEST_RESTART_S:
                delay_s = FIRST_RESTART_S
            await asyncio.sleep(delay_s)
            delay_s = min(2.0 * delay_s, LONGEST_RESTART_S)

    async def _run_once(self) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "daemon.offsite",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # Where obstore itself fails it may say there what was said to it.
            stderr=asyncio.subprocess.DEVNULL,
            # Ctrl-C is the supervisor's; the end of its input tells the process.
            start_new_session=True,
        )
        assert process.stdin is not None and process.stdout is not None
        self._process = process
        try:
            process.stdin.write(encode_line(self._assignment))
            if self._ending:
                process.stdin.close()
            async for line in process.stdout:
                try:
                    self._heed(report_decoder.decode(line))
                except MALFORMED:
                    _log.warning("target %s: a report that cannot be understood", self._name)
            return await process.wait()
        finally:
            self._process = None

    def _heed(self, report: Report) -> None:
        match report:
            case Lacking(count):
                self.lacking = count
            case Failing(error):
                self._fail(error)
            case Working():
                if self._failing:
                    self._recorder.event(
                        "backup.target_recovered",
                        f"Target {self._name} holds all backups again",
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
                    f"{count} backup(s) removed at {self._name} by age or size",
                    body={"target": self._name, "count": count, "bytes": size_bytes},
                )
            case Unsendable(_, id_, error):
                self._recorder.event(
                    "backup.unsent",
                    f"Backup {id_} is not sent to {self._name}: {error}",
                    body={"target": self._name, "id": id_, "error": error},
                )

    def _fail(self, error: str) -> None:
        if not self._failing:
            self._recorder.event(
                "backup.target_failed",
                f"Target {self._name} holds no new backups: {error}; it is tried again",
                body={"target": self._name, "error": error},
            )
        self._failing = True


def _options_file(target: BackupTarget, paths: StatePaths) -> str | None:
    """Seen from the state folder."""
    return str(paths.home / Path(target.options_file).expanduser()) if target.options_file else None
