"""All about rollbacks under one supervisor: those asked for, automatic ones, interrupted ones."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.config.schema import Rollback
from daemon.processes.trainer_commands import TrainerCommands
from daemon.rollback.journal import ENDED
from daemon.rollback.resume_interrupted import recover
from daemon.rollback.transaction import Transaction
from daemon.store.async_recorder import Recorder
from daemon.supervisor.aio.clock import Clock
from daemon.supervisor.aio.tasks import guarded
from daemon.supervisor.backups.backup_service import Housekeeping
from daemon.supervisor.process.supervised_trainer import SupervisedTrainer
from daemon.supervisor.rollback.coordinator import Rollbacks
from daemon.supervisor.rollback.triggers import AutomaticRollbacks
from daemon.supervisor.rollback.verification import RollbackWatch

_log = logging.getLogger(__name__)


class RollbackDesk:
    """Puts the parts together. `settings` gives what is in force. Belongs to the loop's thread."""

    def __init__(
        self,
        paths: StatePaths,
        run: RunPaths,
        backups: Path,
        settings: Callable[[], Rollback],
        *,
        algorithm: str,
        commands: TrainerCommands,
        trainer: SupervisedTrainer,
        housekeeping: Housekeeping,
        recorder: Recorder,
        clock: Clock,
        firing: Callable[[], Sequence[str]],
    ) -> None:
        self._paths = paths
        self._run = run
        self._recorder = recorder
        self._watch = RollbackWatch(
            paths,
            run,
            settings,
            commands=commands,
            trainer=trainer,
            recorder=recorder,
            clock=clock,
        )
        self.automatic = AutomaticRollbacks(
            paths, run, backups, settings, trainer=trainer, recorder=recorder, clock=clock
        )
        self.rollbacks = Rollbacks(
            paths,
            run,
            backups,
            algorithm=algorithm,
            commands=commands,
            trainer=trainer,
            housekeeping=housekeeping,
            recorder=recorder,
            clock=clock,
            firing=firing,
            on_running=self._watch.begin,
            stop_watching=self._watch.close,
        )
        self._interrupted: Transaction | None = None

    def recover(self) -> None:
        """Before the trainer starts: finish or revert what a kill or a power loss interrupted."""
        try:
            recovered = recover(self._paths)
        except (DamagedCheckpointError, OSError) as error:
            _log.error("the journal of the last rollback: %s", error)
            return
        if recovered is None:
            return
        journal = recovered.journal
        # Without a daemon nothing goes on before the next start: that is no interruption.
        as_planned = journal.step == "swapped" and not journal.was_training
        if journal.step != "running" and not as_planned:
            then = (
                "reverted: all is as it was before"
                if recovered.verdict == "revert"
                else "finished: training goes on from it"
            )
            self._recorder.event(
                "rollback.recovered",
                f"The rollback to {journal.to.id} was interrupted; it is {then}",
                body={"id": journal.to.id, "verdict": recovered.verdict},
            )
        open_ = journal if recovered.verdict == "finish" else journal.previous
        if open_ is not None and open_.run_id == self._run.id and open_.step not in ENDED:
            self._interrupted = Transaction(self._paths, self._run, open_)

    def take_up(self, on_fault: Callable[[BaseException], None]) -> None:
        """The trainer was just started: prove or watch the rollback that was interrupted."""
        transaction, self._interrupted = self._interrupted, None
        if transaction is None:
            return
        if transaction.journal.step == "running":
            self._watch.begin(transaction)
        else:
            self._proving = guarded(self.rollbacks.go_on(transaction), "rollback", on_fault)

    async def close(self) -> None:
        """Stop watching."""
        await self._watch.close()
