"""What the control socket's verbs do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path

from daemon.backup.record import Tag
from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import newest_whole
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.protocol.control import (
    Acknowledge,
    Done,
    MakeBackup,
    Ping,
    Refused,
    Request,
    Rollback,
    SilenceAlerts,
    StopDaemon,
    TestNotify,
    UndoRollback,
)
from daemon.rollback.request import Order
from daemon.store.async_recorder import Recorder
from daemon.supervisor.alerting.alert_manager import AlertDesk
from daemon.supervisor.backups.backup_service import Housekeeping
from daemon.supervisor.control.server import Tell
from daemon.supervisor.process.checkpoint_requests import NoTrainerError
from daemon.supervisor.process.supervised_trainer import SupervisedTrainer
from daemon.supervisor.rollback.coordinator import Rollbacks

_log = logging.getLogger(__name__)

LONGEST_SILENCE_S = 30 * 86_400.0
NOT_RECORDED = "not in the store yet, which cannot be written: see `landerctl check`"


class RequestHandler:
    """Carries out requests. `stop_daemon` asks for the end and returns when all is recorded."""

    def __init__(
        self,
        trainer: SupervisedTrainer,
        housekeeping: Housekeeping,
        rollbacks: Rollbacks,
        desk: AlertDesk,
        *,
        run: RunPaths,
        backups: Path,
        recorder: Recorder,
        stop_daemon: Callable[[str], Awaitable[str]],
    ) -> None:
        self._trainer = trainer
        self._housekeeping = housekeeping
        self._rollbacks = rollbacks
        self._desk = desk
        self._run = run
        self._backups = backups
        self._recorder = recorder
        self._stop_daemon = stop_daemon
        self._long: asyncio.Task[Done | Refused] | None = None
        self._closed = False

    async def handle(self, request: Request, tell: Tell) -> Done | Refused:
        """Carry one request out; `tell` passes on its steps. What it did is on the disk."""
        match request:
            case Ping():
                return Done("alive", {"trainer": self._trainer.state})
            case StopDaemon():
                tell("asking the trainer to save and end")
                return Done(await self._stop_daemon("landerctl stop"))
            case MakeBackup(note, pinned):
                return await self._interruptible(self._back_up(note, pinned, tell))
            case Rollback(ids, user, note):
                order = Order(ids, user, note)
                return await self._interruptible(self._rollbacks.carry_out(order, tell))
            case UndoRollback(user, note):
                return await self._interruptible(self._rollbacks.undo(user, note, tell))
            case Acknowledge() | SilenceAlerts() | TestNotify():
                return await self._recorded(self._attend_to_alerts(request))

    def _attend_to_alerts(
        self, request: Acknowledge | SilenceAlerts | TestNotify
    ) -> Done | Refused:
        match request:
            case Acknowledge(alert, user, note):
                if self._desk.acknowledge(alert, user, note):
                    return Done(f"{alert} is acknowledged: no reminder until it fires anew")
                return Refused(
                    "not-found", f"alert {alert!r} does not fire; see `landerctl alerts`"
                )
            case SilenceAlerts():
                return self._silence(request)
            case TestNotify():
                count = self._desk.test()
                if not count:
                    return Refused("not-found", "notify.targets names nobody; see config.toml")
                return Done(f"a test is on its way to {count} target(s); see `landerctl events`")

    def _silence(self, request: SilenceAlerts) -> Done | Refused:
        pattern, for_s = request.pattern, request.for_s
        if not 0.0 <= for_s <= LONGEST_SILENCE_S:
            return Refused("bad-request", f"a silence lasts 0 to {LONGEST_SILENCE_S:g} s")
        if not for_s and pattern not in self._desk.silenced_patterns:
            return Refused(
                "not-found", f"nothing is silenced as {pattern!r}; see `landerctl alerts`"
            )
        return Done(self._desk.silence(pattern, for_s, request.user, request.note))

    async def carry_out(self, order: Order) -> Done | Refused:
        """Carry out what an alert rule asks for; refused while a request is under way."""
        return await self._interruptible(self._rollbacks.carry_out(order, _log.info))

    async def interrupt(self) -> None:
        """Begin no backup or rollback any more; end the one that runs, which cleans up first."""
        self._closed = True
        if self._long is not None:
            self._long.cancel()
            await asyncio.wait({self._long})

    async def _interruptible(
        self, work: Coroutine[object, object, Done | Refused]
    ) -> Done | Refused:
        if self._long is not None:
            work.close()
            return Refused("busy", "a backup or rollback is under way; try again when it is done")
        if self._closed:
            work.close()
            return Refused(
                "busy", "the daemon is stopping; run `landerctl start` when it has ended"
            )
        self._long = asyncio.create_task(work, name="request")
        try:
            await asyncio.wait({self._long})
            if self._long.cancelled():
                return Refused(
                    "failed",
                    "interrupted, nothing was changed: the daemon is stopping; "
                    "try again after `landerctl start`",
                )
            return await self._recorded(self._long.result())
        finally:
            self._long = None

    async def _recorded(self, answer: Done | Refused) -> Done | Refused:
        """The answer, once what was done is on the disk; it says so where that is full."""
        if await self._recorder.flush() or isinstance(answer, Refused):
            return answer
        return Done(f"{answer.text}; {NOT_RECORDED}", answer.data)

    async def _back_up(self, note: str, pinned: bool, tell: Tell) -> Done | Refused:
        try:
            checkpoint_id = await self._newest(tell)
        except NoTrainerError as error:
            return Refused(
                "failed", f"no checkpoint could be saved: {error}; see `landerctl events`"
            )
        if checkpoint_id is None:
            return Refused(
                "not-found",
                f"run {self._run.id} has no checkpoint yet and no trainer that could save one "
                f"({self._trainer.state}); try again when it is RUNNING",
            )
        tell(f"copying {checkpoint_id}")
        copying = asyncio.create_task(
            self._housekeeping.back_up(checkpoint_id, Tag(note=note, pinned=pinned)), name="backup"
        )
        try:
            try:
                backup = await asyncio.shield(copying)
            except asyncio.CancelledError:
                # A thread cannot be interrupted: the stop waits for the copy, and it counts.
                backup = await copying
        except DamagedCheckpointError as error:
            return Refused("damaged", f"{error}; no backup was made")
        except OSError as error:
            return Refused(
                "failed",
                f"{self._backups}: {error.strerror or error}; no backup was made; "
                "free space or set backup.directory",
            )
        return Done(
            f"{backup.id} is backed up, {backup.size_bytes / 1e6:.1f} MB",
            {
                "id": backup.id,
                "bytes": backup.size_bytes,
                "folder": str(self._backups / backup.run_id / backup.id),
            },
        )

    async def _newest(self, tell: Tell) -> str | None:
        """The checkpoint to copy: one saved now if training runs, else the newest whole one."""
        if self._trainer.state == "RUNNING":
            tell("saving a checkpoint at the rollout's end")
            return (await self._trainer.save("manual")).id
        newest = await asyncio.to_thread(newest_whole, self._run.checkpoints)
        return newest.id if newest else None
