"""The daemon as host of a rollback: stops and starts the trainer, then verifies the result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from daemon.backup.record import Backup, Tag
from daemon.processes.subprocesses import run_subprocess
from daemon.processes.trainer_commands import TrainerCommands
from daemon.rollback.errors import RollbackError
from daemon.rollback.load_test import LoadTest, read_load_test
from daemon.rollback.transaction import Transaction
from daemon.store.records import Body, TrainerState
from daemon.supervisor.backups.backup_service import BackupService
from daemon.supervisor.context import Context
from daemon.supervisor.process.states import AT_REST
from daemon.supervisor.process.supervised_trainer import SupervisedTrainer
from daemon.supervisor.rollback.verification import RollbackVerification

_SETTLED: frozenset[TrainerState] = AT_REST | {"RUNNING", "BACKOFF"}


class DaemonHost:
    """A `RollbackHost`. `firing` returns the names of the firing alerts."""

    has_trainer = True

    def __init__(
        self,
        context: Context,
        *,
        algorithm: str,
        commands: TrainerCommands,
        trainer: SupervisedTrainer,
        backup_service: BackupService,
        verification: RollbackVerification,
        firing: Callable[[], Sequence[str]],
    ) -> None:
        self.paths = context.paths
        self.run = context.run
        self.backups = context.backups
        self.algorithm = algorithm
        self._commands = commands
        self._trainer = trainer
        self._backup_service = backup_service
        self._verification = verification
        self._recorder = context.recorder
        self._clock = context.clock
        self._firing = firing

    @property
    def is_training(self) -> bool:
        """Whether a trainer runs or is about to be restarted."""
        return self._trainer.state not in AT_REST

    @property
    def resumed_from(self) -> str | None:
        """The checkpoint from which the last trainer reported to have resumed."""
        return self._trainer.hello.resumed_from if self._trainer.hello else None

    def now_s(self) -> float:
        """Unix time."""
        return self._clock().unix_s

    def observed(self) -> str:
        """The training's state and the firing alerts, in one line."""
        progress = self._trainer.progress
        parts = [f"trainer {self._trainer.state}"]
        if progress is not None:
            parts.append(f"{progress.timesteps:,} steps, stage {progress.stage}")
        if progress is not None and progress.success_rate is not None:
            parts.append(f"success {progress.success_rate:.0%}")
        if progress is not None and progress.reward_mean is not None:
            parts.append(f"mean reward {progress.reward_mean:.0f}")
        firing = self._firing()
        parts.append(f"alerts: {', '.join(firing)}" if firing else "no alert is firing")
        return ", ".join(parts)

    def record(self, name: str, text: str, body: Body) -> None:
        """Record an event."""
        self._recorder.event(name, text, body=body)

    def keep_checkpoints(self) -> asyncio.Lock:
        """A context in which no checkpoint of the run is removed."""
        return self._backup_service.suspended()

    async def load_test(self, folder: Path) -> LoadTest:
        """Load a staged state in a separate process. Raises OSError."""
        command = self._commands.load_test(self.run, folder)
        return read_load_test(*await run_subprocess(command, self.run))

    async def stop_trainer(self, reason: str) -> None:
        """Let the trainer save a checkpoint and exit; returns when it has exited."""
        await self._trainer.stop(reason)

    async def back_up(self, checkpoint_id: str, tag: Tag) -> Backup:
        """Back a checkpoint up. Raises DamagedCheckpointError and OSError, recorded as events."""
        return await self._backup_service.back_up(checkpoint_id, tag)

    def start_trainer(self) -> None:
        """Start the trainer from the newest checkpoint."""
        self._trainer.start()
        self._backup_service.sweep_soon()  # to back up the restored checkpoint, too

    async def trainer_runs(self) -> None:
        """Wait until the trainer trains. Raises RollbackError if it exits instead."""
        if await self._trainer.until(_SETTLED) not in ("RUNNING", "EXITED"):
            raise RollbackError(f"the trainer did not start from it: {self._trainer.last_exit}")

    async def stop_verification(self) -> None:
        """Stop verifying an earlier rollback: its journal is about to be replaced."""
        await self._verification.close()

    def start_verification(self, transaction: Transaction) -> None:
        """Verify a rollback from which training resumed: evaluate it and monitor the training."""
        self._verification.begin(transaction)
