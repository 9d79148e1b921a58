"""Commits a training's checkpoints, and reports each success and failure."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from daemon.base.opened_folder import OpenedFolder
from daemon.base.paths import RunPaths
from daemon.checkpoint.manifest import Manifest
from daemon.config.schema import CheckpointKind, Config
from daemon.protocol.trainer import CheckpointSaved, EventReport, Phase
from daemon.trainer.channel import Channel
from daemon.trainer.checkpointing.save_restore import Trained, save_checkpoint
from daemon.trainer.health.errors import SaveError


class CheckpointScheduler:
    """Saves checkpoints, and knows when the next interval checkpoint is due."""

    def __init__(self, run: RunPaths, config: Config, channel: Channel, timesteps: int) -> None:
        self._run, self._config, self._channel = run, config, channel
        self._folder = OpenedFolder(run.folder)
        self._saved_timesteps = timesteps

    def is_due(self, timesteps: int) -> bool:
        """Whether an interval has passed since the last checkpoint or failed attempt."""
        return timesteps - self._saved_timesteps >= self._config.checkpoints.interval_steps

    def save_or_report(self, kind: CheckpointKind, trained: Trained) -> Manifest | None:
        """Save; a failure is reported and returns None, since an older checkpoint exists."""
        with contextlib.suppress(SaveError):
            return self.save(kind, trained)
        return None

    def save(self, kind: CheckpointKind, trained: Trained) -> Manifest:
        """Commit a checkpoint. Raises SaveError, after reporting it to the supervisor."""
        self._channel.send(Phase("saving", f"{kind} checkpoint"))
        began = time.monotonic()
        # The next attempt is at the next interval, even if this one fails.
        self._saved_timesteps = trained.model.num_timesteps
        try:
            # Where the folder is now: a state folder may be renamed while its training runs.
            run = RunPaths(self._folder.current_path())
            manifest = save_checkpoint(run, self._config, kind, trained)
        except OSError as error:
            text = (
                f"{kind} checkpoint not written: {error.strerror} ({self._run.checkpoints}); "
                "free some space or check the disk"
            )
            body: dict[str, Any] = {"error": error.strerror, "kind": kind}
            self._channel.send(EventReport("checkpoint.failed", "critical", text, body))
            raise SaveError(text) from error
        self._channel.send(
            CheckpointSaved(
                id=manifest.id,
                kind=kind,
                timesteps=manifest.timesteps,
                stage=manifest.stage,
                size_bytes=manifest.size_bytes,
                duration_s=time.monotonic() - began,
            )
        )
        return manifest
