"""The interface that a rollback needs from its process: the daemon, or a command without one."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from daemon.backup.record import Backup, Tag
from daemon.base.paths import RunPaths, StatePaths
from daemon.rollback.load_test import LoadTest
from daemon.rollback.transaction import Transaction
from daemon.store.records import Body


class RollbackHost(Protocol):
    """One run's host. Its methods belong to the event loop's thread."""

    paths: StatePaths
    run: RunPaths
    backups: Path
    algorithm: str
    has_trainer: bool  # False: a command without a daemon, whose next start resumes training

    @property
    def is_training(self) -> bool:
        """Whether a trainer runs or is about to be restarted."""

    @property
    def resumed_from(self) -> str | None:
        """The checkpoint from which the last trainer reported to have resumed."""

    def now_s(self) -> float:
        """Unix time."""

    def observed(self) -> str:
        """The training's state and the firing alerts, in one line."""

    def record(self, name: str, text: str, body: Body) -> None:
        """Record an event."""

    def keep_checkpoints(self) -> AbstractAsyncContextManager[object]:
        """A context in which no checkpoint of the run is removed."""

    async def load_test(self, folder: Path) -> LoadTest:
        """Load a staged state in a separate process. Raises OSError."""

    async def stop_trainer(self, reason: str) -> None:
        """Let the trainer save a checkpoint and exit; returns when it has exited."""

    async def back_up(self, checkpoint_id: str, tag: Tag) -> Backup:
        """Back a checkpoint up. Raises DamagedCheckpointError and OSError, recorded as events."""

    def start_trainer(self) -> None:
        """Start the trainer from the newest checkpoint."""

    async def trainer_runs(self) -> None:
        """Wait until the trainer trains. Raises RollbackError if it exits instead."""

    async def stop_verification(self) -> None:
        """Stop verifying an earlier rollback: its journal is about to be replaced."""

    def start_verification(self, transaction: Transaction) -> None:
        """Verify a rollback from which training resumed: evaluate it and monitor the training."""
