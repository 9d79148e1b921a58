"""What a check is given. Frozen: a check reads nothing by itself, not even the clock."""

from __future__ import annotations

from typing import Literal

import msgspec

from daemon.config.schema import CheckpointKind, Config
from daemon.store.records import Event, Status

StoreState = Literal["readable", "missing", "damaged", "busy", "unusable"]


class StoreEvidence(msgspec.Struct, frozen=True):
    """Whether the store could be read; `problem` is one line where it could not."""

    state: StoreState
    problem: str = ""
    size_bytes: int | None = None


class CheckpointEvidence(msgspec.Struct, frozen=True):
    """A checkpoint of the current run whose manifest can be read."""

    id: str
    created_s: float
    timesteps: int
    stage: int
    kind: CheckpointKind


class BackupEvidence(msgspec.Struct, frozen=True):
    """The run's backups, and the oldest checkpoint that calls for one and has none. Unix seconds.

    `problem`: the folder or the newest record cannot be read, or the last verification of a backup
    found it damaged.
    """

    count: int
    newest_s: float | None
    missing_id: str | None
    missing_s: float
    problem: str = ""


class Leftover(msgspec.Struct, frozen=True):
    """What a process that died left hidden, and since when (Unix)."""

    path: str
    since_s: float


class DiskEvidence(msgspec.Struct, frozen=True):
    """Space on the file system of the state folder, measured now."""

    free_bytes: int
    total_bytes: int


class SpanEvidence(msgspec.Struct, frozen=True):
    """A run's first hour or day of training, or what there is of it."""

    length_s: float  # of training, not of clock time
    until_s: float  # Unix; where it has not trained so long yet: now
    full: bool  # it has trained so long
    newest: dict[str, float]  # the series' last values until then
    succeeded: bool  # episode/success_rate_100 was above 0


class HistoryEvidence(msgspec.Struct, frozen=True):
    """What the current run has done since it began, from its store and its files. Unix seconds."""

    trained_s: float  # wall time of training so far
    began_s: float | None  # when training first ran
    first_checkpoint_s: float | None
    events: tuple[Event, ...]  # those of checks.milestones.history.NAMES
    hour: SpanEvidence
    day: SpanEvidence
    success_quarters: tuple[float, float] | None  # mean rates of the day's third quarter and last
    episode_limits: tuple[int, ...]  # of each stage, in steps; empty: not known
    checkpoint_problem: str | None  # a file that the newest one lacks, or that has another size
    tensorboard_s: float | None  # when the newest event file was written
    evaluated: bool


class WatchedRollback(msgspec.Struct, frozen=True):
    """A rollback from which training has gone on, and which is watched."""

    id: str  # of the state that was gone back to
    running_s: float  # Unix time since when
    success_rate: float | None  # of its first evaluation; None: not flown yet


class Evidence(msgspec.Struct, frozen=True):
    """Everything that is known at `now_s` (Unix)."""

    now_s: float
    lock_held: bool
    rebooted: bool  # the machine was booted since the daemon started
    store: StoreEvidence
    status: Status | None  # None: the store could not be read
    run_id: str | None
    orphaned: bool  # the daemon is gone and its trainer still lives: it saves, then ends
    checkpoints: tuple[CheckpointEvidence, ...]  # ascending in sequence
    checkpoints_problem: str | None  # the folder could not be read, or holds damaged ones
    disk: DiskEvidence | None
    backups: BackupEvidence | None  # None: no configuration says where they are
    config: Config | None  # None: no usable configuration, thresholds are unknown
    config_problem: str | None
    # Among the run's checkpoints and backups; None: no configuration says where those are.
    leftovers: tuple[Leftover, ...] | None = None
    rollback_problem: str = ""  # the last rollback's journal: damaged, or of one interrupted
    rollback: WatchedRollback | None = None
    history: HistoryEvidence | None = None  # None: not asked for, or the store cannot be read

    @property
    def checkpoint(self) -> CheckpointEvidence | None:
        """The newest checkpoint."""
        return self.checkpoints[-1] if self.checkpoints else None
