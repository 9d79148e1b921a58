"""Verifies a rollback: an evaluation at once, and a report after a monitoring period."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.threads import run_in_thread
from daemon.config.schema import RollbackSettings
from daemon.processes.subprocesses import run_subprocess
from daemon.processes.trainer_commands import TrainerCommands
from daemon.rollback import incidents
from daemon.rollback.journal import Journal
from daemon.rollback.transaction import Transaction
from daemon.rollback.verification import Finding, judge_evaluation, judge_watch, recorded_success
from daemon.runs.evaluations import EvaluationResult, list_evaluations
from daemon.runs.run_folder import read_run_config
from daemon.store.reader import StoreError, StoreReader
from daemon.store.records import Event
from daemon.supervisor.aio.tasks import log_error, spawn_task
from daemon.supervisor.context import Context
from daemon.supervisor.process.supervised_trainer import SupervisedTrainer

_log = logging.getLogger(__name__)

NICENESS = 10  # training has priority
MAX_EVENTS = 1000


class RollbackVerification:
    """Verifies the last rollback. Belongs to the event loop's thread."""

    def __init__(
        self,
        context: Context,
        settings: Callable[[], RollbackSettings],
        *,
        commands: TrainerCommands,
        trainer: SupervisedTrainer,
    ) -> None:
        self._paths = context.paths
        self._run = context.run
        self._settings = settings
        self._commands = commands
        self._trainer = trainer
        self._recorder = context.recorder
        self._clock = context.clock
        self._task: asyncio.Task[None] | None = None
        self._watched: Transaction | None = None

    def begin(self, transaction: Transaction) -> None:
        """Verify a rollback from which training resumed. Call `close` before another one."""
        before, self._watched = self._watched, transaction
        self._task = spawn_task(self._watch(transaction, before), "rollback watch", log_error)

    async def close(self) -> None:
        """Stop verifying; the journal's step stays "running", so a restart continues."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None

    async def _watch(self, transaction: Transaction, before: Transaction | None) -> None:
        journal = transaction.journal
        if before is not None and before.journal.began_s != journal.began_s:
            await self._record_superseded(before.journal)
        assert journal.running_s is not None
        if journal.success_rate is None:
            await self._evaluate(transaction)
        watch_s = self._settings().watch_s
        # Bounded: the clock may have been set since training resumed.
        passed_s = max(0.0, self._clock().unix_s - journal.running_s)
        await asyncio.sleep(max(0.0, watch_s - passed_s))
        await self._report(transaction)

    async def _record_superseded(self, journal: Journal) -> None:
        if journal.step != "running":
            return
        known = "its first evaluation was not flown"
        if journal.success_rate is not None:
            known = f"its first evaluation landed {journal.success_rate:.0%}"
        text = f"no longer monitored: another rollback followed; {known}"
        self._recorder.event(
            "rollback.watched",
            f"The rollback to {journal.to.id} is {text}",
            body={"id": journal.to.id, "well": None},
        )
        await self._append_incident(journal, text)

    async def _evaluate(self, transaction: Transaction) -> None:
        """Evaluate the restored state and compare with its recorded success rate."""
        journal = transaction.journal
        assert journal.restored_id is not None
        recorded = await asyncio.to_thread(self._recorded, journal)
        command = self._commands.evaluate(self._run, self._run.checkpoints / journal.restored_id)
        output, code = await run_subprocess(command, self._run, niceness=NICENESS)
        try:
            found = msgspec.json.decode(output, type=EvaluationResult).success_rate.mean
        except MALFORMED:
            text = f"the first evaluation could not be flown: exit code {code}, see {self._run.log}"
            await self._record_finding(
                journal, "rollback.doubtful", Finding(False, text), None, recorded
            )
            return
        finding = judge_evaluation(found, recorded, self._settings().success_tolerance)
        finding = self._with_tensorboard(finding, journal)
        name = "rollback.proven" if finding.well else "rollback.doubtful"
        await self._record_finding(journal, name, finding, found, recorded)
        await run_in_thread(transaction.update, success_rate=found)

    def _recorded(self, journal: Journal) -> float | None:
        stages = read_run_config(self._run).curriculum.stages
        return recorded_success(
            journal,
            list_evaluations(self._run.evaluations).whole,
            on_ramp=journal.to.ramp_step < stages[journal.to.stage - 1].ramp_steps,
        )

    def _with_tensorboard(self, finding: Finding, journal: Journal) -> Finding:
        """The finding, with whether TensorBoard's files were written since the rollback."""
        since_s = journal.running_s or 0.0
        files = self._run.tensorboard.glob("events.out.tfevents.*")
        if any(path.stat().st_mtime >= since_s for path in files):
            return Finding(finding.well, f"{finding.text}; TensorBoard's curves continue")
        return Finding(False, f"{finding.text}; TensorBoard's files were not written since")

    async def _report(self, transaction: Transaction) -> None:
        journal = transaction.journal
        try:
            events = await asyncio.to_thread(self._events_since, journal)
        except StoreError as error:
            _log.warning("the report after the rollback failed: %s", error)
            return
        finding = judge_watch(journal, events, self._trainer.state, self._trainer.progress)
        minutes = self._settings().watch_s / 60.0
        text = f"{minutes:.0f} min after the rollback to {journal.to.id}: {finding.text}"
        self._recorder.event(
            "rollback.watched",
            text,
            severity="info" if finding.well else "warning",
            body={"id": journal.to.id, "well": finding.well},
        )
        await self._append_incident(journal, finding.text)
        await run_in_thread(transaction.over)

    def _events_since(self, journal: Journal) -> list[Event]:
        with StoreReader.open(self._paths.store) as reader:
            return reader.events(
                names=["trainer.crashed", "alert.firing"],
                run_id=self._run.id,
                since_s=journal.running_s,
                limit=MAX_EVENTS,
            )

    async def _record_finding(
        self,
        journal: Journal,
        name: str,
        finding: Finding,
        found: float | None,
        recorded: float | None,
    ) -> None:
        text = finding.text
        if not finding.well:
            text += "; `landerctl rollback --undo` restores the state before"
        self._recorder.event(
            name,
            f"After the rollback to {journal.to.id}: {text}",
            body={"id": journal.to.id, "success_rate": found, "recorded": recorded},
        )
        await self._append_incident(journal, finding.text)

    async def _append_incident(self, journal: Journal, outcome: str) -> None:
        text = incidents.follow_up(journal, outcome, self._clock().unix_s)
        try:
            await asyncio.to_thread(incidents.append, self._paths.incidents, text)
        except OSError:
            _log.exception("writing %s", self._paths.incidents)
