"""The daemon as host of a requested backup: its trainer saves a checkpoint first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from daemon.backup.back_up import Chosen, NoCheckpointError, SaveFailedError
from daemon.backup.record import Backup, Tag
from daemon.supervisor.backups.backup_service import BackupService
from daemon.supervisor.context import Context
from daemon.supervisor.process.checkpoint_requests import NoTrainerError
from daemon.supervisor.process.supervised_trainer import SupervisedTrainer


class DaemonBackupHost:
    """A `BackupHost`."""

    def __init__(
        self, context: Context, trainer: SupervisedTrainer, service: BackupService
    ) -> None:
        self.backups = context.backups
        self._run = context.run
        self._trainer = trainer
        self._service = service

    async def checkpoint_to_copy(self, report: Callable[[str], None]) -> Chosen:
        """A checkpoint saved now if training runs, else the newest whole one.

        Raises NoCheckpointError, SaveFailedError and OSError.
        """
        if self._trainer.state == "RUNNING":
            report("saving a checkpoint at the end of the rollout")
            try:
                return Chosen((await self._trainer.save("manual")).id)
            except NoTrainerError as error:
                raise SaveFailedError(str(error)) from None
        newest = await asyncio.to_thread(Chosen.newest, self._run.checkpoints)
        if newest is None:
            raise NoCheckpointError(
                f"run {self._run.id} has no checkpoint yet, and the trainer is "
                f"{self._trainer.state}; try again when it is RUNNING"
            )
        return newest

    async def back_up(self, checkpoint_id: str, tag: Tag) -> Backup:
        """Copy a checkpoint and tag the copy. Raises DamagedCheckpointError and OSError."""
        return await self._service.back_up(checkpoint_id, tag)
