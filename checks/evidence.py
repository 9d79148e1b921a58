"""What a check is given. Frozen: a check reads nothing by itself, not even the clock."""

from __future__ import annotations

from typing import Literal

import msgspec

from daemon.config.schema import Config
from daemon.store.records import Status

StoreState = Literal["readable", "missing", "damaged", "busy", "unusable"]


class StoreEvidence(msgspec.Struct, frozen=True):
    """Whether the store could be read; `problem` is one line where it could not."""

    state: StoreState
    problem: str = ""
    size_bytes: int | None = None


class CheckpointEvidence(msgspec.Struct, frozen=True):
    """The newest checkpoint of the current run whose manifest can be read."""

    id: str
    created_s: float
    timesteps: int
    stage: int


class BackupEvidence(msgspec.Struct, frozen=True):
    """The backups, and the oldest checkpoint that calls for one and has none. Unix seconds."""

    count: int
    newest_s: float | None
    missing_id: str | None
    missing_s: float
    problem: str = ""


class DiskEvidence(msgspec.Struct, frozen=True):
    """Space on the file system of the state folder, measured now."""

    free_bytes: int
    total_bytes: int


class Evidence(msgspec.Struct, frozen=True):
    """Everything that is known at `now_s` (Unix)."""

    now_s: float
    lock_held: bool
    rebooted: bool  # the machine was booted since the daemon started
    store: StoreEvidence
    status: Status | None  # None: the store could not be read
    run_id: str | None
    orphaned: bool  # the daemon is gone and its trainer still lives: it saves, then ends
    checkpoint: CheckpointEvidence | None
    checkpoints_problem: str | None  # the folder could not be read, or holds damaged ones
    disk: DiskEvidence | None
    backups: BackupEvidence | None  # None: no configuration says where they are
    config: Config | None  # None: no usable configuration, thresholds are unknown
    config_problem: str | None
