"""Executes the requests of the control socket."""

from __future__ import annotations

import asyncio

import msgspec

from daemon.backup.back_up import BackupHost, back_up
from daemon.backup.record import Tag
from daemon.protocol.control import (
    AcknowledgeRequest,
    BackupRequest,
    CheckRanRequest,
    Done,
    PingRequest,
    Refused,
    Request,
    RollbackRequest,
    RunRemovedRequest,
    SendReviewRequest,
    SilenceRequest,
    StopRequest,
    TestNotifyRequest,
    UndoRollbackRequest,
)
from daemon.rollback.job import RollbackJob
from daemon.store.async_recorder import Recorder
from daemon.supervisor.aio.exclusive import ExclusiveOperation
from daemon.supervisor.alerting.alert_manager import AlertManager
from daemon.supervisor.control.server import Report
from daemon.supervisor.judging.reviewing import Reviewing
from daemon.supervisor.lifecycle.shutdown import Shutdown
from daemon.supervisor.plugins.register import PluginRegister
from daemon.supervisor.process.checkpoint_requests import NoTrainerError
from daemon.supervisor.process.supervised_trainer import SupervisedTrainer
from daemon.supervisor.rollback.service import RollbackService

STOP_REPORT_S = 5.0
LONGEST_SILENCE_S = 30 * 86_400.0
NOT_RECORDED = "not in the store yet: it cannot be written, see `landerctl check`"
Brief = (
    AcknowledgeRequest
    | SilenceRequest
    | TestNotifyRequest
    | SendReviewRequest
    | RunRemovedRequest
    | CheckRanRequest
)


class RequestHandler:
    """Executes requests, each in the part that it is for."""

    def __init__(
        self,
        trainer: SupervisedTrainer,
        rollbacks: RollbackService,
        alerts: AlertManager,
        *,
        backups: BackupHost,
        reviewing: Reviewing,
        exclusive: ExclusiveOperation,
        recorder: Recorder,
        shutdown: Shutdown,
        plugins: PluginRegister,
    ) -> None:
        self._trainer = trainer
        self._rollbacks = rollbacks
        self._alerts = alerts
        self._backups = backups
        self._reviewing = reviewing
        self._exclusive = exclusive
        self._recorder = recorder
        self._shutdown = shutdown
        self._plugins = plugins

    async def handle(self, request: Request, report: Report) -> Done | Refused:
        """Execute one request; `report` receives its steps. Returns once the result is on disk."""
        match request:
            case PingRequest():
                return Done("alive", {**self._alive()})
            case StopRequest():
                return await self._stop(request, report)
            case BackupRequest(note, pinned):
                self._recorder.event(
                    "backup.requested",
                    f"A backup was requested by {request.user}{f': {note}' if note else ''}",
                    body={"by": request.user, "note": note},
                )
                work = back_up(self._backups, Tag(note=note, pinned=pinned), report)
                return await self._recorded(await self._exclusive.answer("backup", work))
            case RollbackRequest(ids, user, note):
                job = RollbackJob(ids, user, note)
                return await self._recorded(await self._rollbacks.roll_back(job, report))
            case UndoRollbackRequest(user, note):
                return await self._recorded(await self._rollbacks.undo(user, note, report))
            case _:
                return await self._recorded(await self._answer(request, report))

    async def _stop(self, request: StopRequest, report: Report) -> Done | Refused:
        """Stop the daemon. `saved` of the answer: no step of the training is lost."""
        verb = "stop" if request.via == "screen" else "landerctl stop"
        reason = f"{verb} by {request.user}{f': {request.note}' if request.note else ''}"
        report("asking the trainer to save and exit")
        reporting = asyncio.create_task(self._report_stop(report), name="stop's progress")
        try:
            if not request.force:
                await self._trainer.save_and_stop(reason)
            self._shutdown.request(reason)
            await self._shutdown.recorded.wait()
        except NoTrainerError as error:
            return Refused(
                "failed",
                f"not stopped, training continues: {error}; then try again, or lose the steps "
                "since the newest checkpoint with `landerctl stop --force`",
            )
        finally:
            reporting.cancel()
        text = f"Stopped; the trainer: {self._trainer.last_exit or self._trainer.state}"
        if not self._trainer.saved_at_stop:
            text += "; its last checkpoint was not saved: `landerctl start` resumes from an older"
        return Done(text, {"saved": self._trainer.saved_at_stop})

    async def _report_stop(self, report: Report) -> None:
        """Show the client that this daemon still works on it."""
        while True:
            await asyncio.sleep(STOP_REPORT_S)
            report(f"waiting, the trainer is {self._trainer.state}")

    async def _answer(self, request: Brief, report: Report) -> Done | Refused:
        match request:
            case RunRemovedRequest() | CheckRanRequest():
                self._record(request)
                return Done("recorded")
            case SendReviewRequest(subject, text):
                return self._send_review(subject, text)
            case AcknowledgeRequest(alert, user, note):
                if self._alerts.acknowledge(alert, user, note):
                    return Done(f"{alert} is acknowledged: no reminder until it fires again")
                return Refused(
                    "not-found", f"alert {alert!r} is not firing; see `landerctl alerts`"
                )
            case SilenceRequest():
                return self._silence(request)
            case TestNotifyRequest(target):
                return await self._test(target, report)

    def _record(self, request: RunRemovedRequest | CheckRanRequest) -> None:
        if isinstance(request, CheckRanRequest):
            self._plugins.ran("checks", request.plugin, request.fault or None)
        else:
            text, body = request.event()
            self._recorder.event("run.removed", text, body=body)

    async def _test(self, target: str | None, report: Report) -> Done | Refused:
        """Try the targets. `data` of the answer: each one's fault, None if it was delivered."""
        faults = await self._alerts.test(target, report)
        if not faults and target is None:
            return Refused("not-found", "notify.targets is empty; see config.toml")
        if not faults:
            return Refused(
                "not-found", f"there is no target {target!r}; see `landerctl alerts targets`"
            )
        failed = sum(fault is not None for fault in faults.values())
        text = f"{failed} of {len(faults)} tests failed; check notify.targets in config.toml"
        return Done(text, {**faults})

    def _send_review(self, subject: str, text: str) -> Done | Refused:
        names = self._reviewing.send(subject, text)
        if not names:
            return Refused(
                "not-found",
                "reviews.targets names none of notify.targets; see config.toml",
            )
        return Done(f"The review is on its way to {', '.join(names)}")

    def _silence(self, request: SilenceRequest) -> Done | Refused:
        pattern, for_s = request.pattern, request.for_s
        if not 0.0 <= for_s <= LONGEST_SILENCE_S:
            return Refused("bad-request", f"a silence lasts 0 to {LONGEST_SILENCE_S:g} s")
        if not for_s and pattern not in self._alerts.silenced_patterns:
            return Refused("not-found", f"there is no silence {pattern!r}; see `landerctl alerts`")
        return Done(self._alerts.silence(pattern, for_s, request.user, request.note))

    async def _recorded(self, answer: Done | Refused) -> Done | Refused:
        """The answer, once the events are on disk; says so if they cannot be written."""
        if await self._recorder.flush() or isinstance(answer, Refused):
            return answer
        return Done(f"{answer.text}; {NOT_RECORDED}", answer.data)

    def _alive(self) -> dict[str, str | None]:
        """`store`: what is wrong with it; `unwritten`: JSON of the events that it lacks."""
        return {
            "trainer": self._trainer.state,
            "store": self._recorder.problem,
            "unwritten": msgspec.json.encode(self._recorder.unwritten).decode(),
        }
