"""What every part of a supervisor shares: run, folders, store, clock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from daemon.base.paths import RunPaths, StatePaths
from daemon.store.async_recorder import Recorder
from daemon.supervisor.aio.clock import Clock


@dataclass(frozen=True)
class Context:
    """One per supervisor process."""

    paths: StatePaths
    run: RunPaths
    backups: Path  # the folder of all runs' backups
    recorder: Recorder
    clock: Clock
