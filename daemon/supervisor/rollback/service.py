"""The daemon's rollbacks: requested ones, and one interrupted before this start."""

from __future__ import annotations

import logging
from collections.abc import Callable

from daemon.protocol.control import Done, Refused
from daemon.rollback import procedure
from daemon.rollback.job import RollbackJob
from daemon.rollback.settle_interrupted import recover
from daemon.rollback.steps import Report
from daemon.rollback.transaction import Transaction
from daemon.supervisor.aio.exclusive import ExclusiveOperation
from daemon.supervisor.aio.tasks import spawn_task
from daemon.supervisor.rollback.host import DaemonHost

_log = logging.getLogger(__name__)


class RollbackService:
    """Runs the procedure, one operation at a time. Belongs to the event loop's thread."""

    def __init__(self, host: DaemonHost, exclusive: ExclusiveOperation) -> None:
        self._host = host
        self._exclusive = exclusive
        self._interrupted: Transaction | None = None

    async def roll_back(self, job: RollbackJob, report: Report) -> Done | Refused:
        """Roll back to the first of the job's states that can be used."""
        return await self._exclusive.answer(
            "rollback", procedure.roll_back(self._host, job, report)
        )

    async def undo(self, user: str, note: str, report: Report) -> Done | Refused:
        """Roll back to the state that was the newest before the last rollback."""
        return await self._exclusive.answer(
            "rollback", procedure.undo(self._host, user, note, report)
        )

    def recover(self) -> None:
        """Before the trainer starts: finish or revert an interrupted rollback."""
        host = self._host
        try:
            journal = recover(host.paths, host.record, host.now_s())
        except OSError as error:
            _log.error("the journal of the last rollback could not be read: %s", error)
            return
        if journal is not None and journal.run_id == host.run.id:
            self._interrupted = Transaction(host.paths, host.run, journal)

    def resume(self, on_error: Callable[[BaseException], None]) -> None:
        """After the trainer's start: confirm or verify the interrupted rollback."""
        transaction, self._interrupted = self._interrupted, None
        if transaction is None:
            return
        if transaction.journal.step == "running":
            self._host.start_verification(transaction)
            return
        work = procedure.resume(self._host, transaction, _log.info)
        self._resuming = spawn_task(self._exclusive.run("rollback", work), "rollback", on_error)

    async def close(self) -> None:
        """Stop verifying. Call after the last operation."""
        await self._host.stop_verification()
