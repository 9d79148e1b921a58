"""Rollbacks requested by alert rules: whether one may start, and to which state."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from daemon.backup.catalog import scan
from daemon.backup.restoring.restorable import Restorable, restorables
from daemon.checkpoint.catalog import list_checkpoints
from daemon.config.schema import RollbackSettings
from daemon.protocol.control import Refused
from daemon.rollback.job import RollbackJob
from daemon.rollback.limits import StartedRollbacks, limit_reached
from daemon.rollback.selection.choose import MOST_TRIED, choose
from daemon.rollback.selection.target import LastGood
from daemon.supervisor.aio.tasks import log_error, spawn_task
from daemon.supervisor.context import Context
from daemon.supervisor.process.supervised_trainer import SupervisedTrainer
from daemon.supervisor.rollback.service import RollbackService

_log = logging.getLogger(__name__)


class RollbackTriggers:
    """Turns an alert into a rollback, or records why not."""

    def __init__(
        self,
        context: Context,
        settings: Callable[[], RollbackSettings],
        *,
        service: RollbackService,
        trainer: SupervisedTrainer,
        started: StartedRollbacks,
    ) -> None:
        self._run = context.run
        self._backups = context.backups
        self._settings = settings
        self._service = service
        self._trainer = trainer
        self._started = started
        self._recorder = context.recorder
        self._clock = context.clock

    def alert_fires(self, alert: str, observed: str) -> None:
        """Roll back because an alert fires; records an event if that is refused or fails."""
        self._task = spawn_task(self._roll_back(alert, observed), "rollback by alert", log_error)

    async def _roll_back(self, alert: str, observed: str) -> None:
        job = await self._job(alert, observed)
        if job is None:
            return
        answer = await self._service.roll_back(job, _log.info)
        if isinstance(answer, Refused):
            self._refuse(alert, answer.text)

    async def _job(self, alert: str, observed: str) -> RollbackJob | None:
        try:
            reason = limit_reached(self._started.all, self._clock().monotonic_s, self._settings())
            states = [] if reason else await asyncio.to_thread(self._states)
        except OSError as error:
            reason, states = str(error), []
        if reason is None:
            choice = choose(
                LastGood(),
                states,
                now_s=self._clock().unix_s,
                tolerance=self._settings().success_tolerance,
                without=self._crashed_from(states),
            )
            if choice.candidates:
                ids = [state.id for state in choice.candidates[:MOST_TRIED]]
                return RollbackJob(ids, alert, observed, automatic=True)
            reason = "this run has no good state"
        self._refuse(alert, reason)
        return None

    def _refuse(self, alert: str, reason: str) -> None:
        self._recorder.event(
            "rollback.refused",
            f"{alert} requested a rollback, but {reason}; see `landerctl rollback`",
            body={"alert": alert, "reason": reason},
        )

    def _states(self) -> list[Restorable]:
        return restorables(
            self._run.id,
            list_checkpoints(self._run.checkpoints),
            scan(self._backups, self._run.id),
        )

    def _crashed_from(self, states: list[Restorable]) -> set[str]:
        """Ids of the state from which a FATAL trainer last started, and of its original."""
        if self._trainer.state != "FATAL":
            return set()
        if (hello := self._trainer.hello) is not None:
            tried = [state for state in states if state.id == hello.resumed_from]
        else:  # it exited before it could report that
            tried = [state for state in states if state.live][-1:]
        return {id_ for one in tried for id_ in (one.id, one.manifest.restored_from) if id_}
