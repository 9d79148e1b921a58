"""The input of the checks. Frozen: a check reads nothing itself, not even the clock."""

from __future__ import annotations

from typing import Literal

import msgspec

from daemon.base.clocks.trust import ClockRecord
from daemon.config.schema import CheckpointKind, Config
from daemon.store.records import Event, Status

StoreState = Literal["readable", "missing", "damaged", "busy", "unusable"]


class StoreEvidence(msgspec.Struct, frozen=True):
    """Whether the store could be read; if not, `problem` is one line."""

    state: StoreState
    problem: str = ""
    size_bytes: int | None = None


class CheckpointEvidence(msgspec.Struct, frozen=True):
    """A checkpoint of the current run with a readable manifest."""

    id: str
    created_s: float
    timesteps: int
    stage: int
    kind: CheckpointKind


class BackupEvidence(msgspec.Struct, frozen=True):
    """The run's backups, and the oldest checkpoint that lacks a required backup. Times: Unix, s.

    `problem`: the folder or the newest record cannot be read, or the last verification of a backup
    found it damaged.
    """

    count: int
    newest_s: float | None
    missing_id: str | None
    missing_s: float
    problem: str = ""


class Leftover(msgspec.Struct, frozen=True):
    """A hidden file or folder of a dead process, and its time (Unix, s)."""

    path: str
    since_s: float


class DiskEvidence(msgspec.Struct, frozen=True):
    """Space on the state folder's file system, measured now."""

    free_bytes: int
    total_bytes: int


class SpanEvidence(msgspec.Struct, frozen=True):
    """A run's first hour or day of training, or its part so far."""

    length_s: float  # of training time, not wall time
    until_s: float  # Unix, s; now if the span is not full yet
    full: bool  # whether `length_s` of training is complete
    newest: dict[str, float]  # the series' last values until `until_s`
    succeeded: bool  # episode/success_rate_100 was above 0


class HistoryEvidence(msgspec.Struct, frozen=True):
    """The current run's history, from its store and its files. Times: Unix, s."""

    trained_s: float  # wall time of training so far
    began_s: float | None  # when training first ran
    first_checkpoint_s: float | None
    events: tuple[Event, ...]  # those of checks.milestones.history.NAMES
    hour: SpanEvidence
    day: SpanEvidence
    success_quarters: (
        tuple[float, float] | None
    )  # mean rates of the day's third and fourth quarters
    episode_limits: tuple[int, ...]  # of each stage, in steps; empty: unknown
    checkpoint_problem: str | None  # a file of the newest one that is missing or has a wrong size
    tensorboard_s: float | None  # when the newest event file was written
    evaluated: bool


class WatchedRollback(msgspec.Struct, frozen=True):
    """A rollback after which training has resumed, and which is being verified."""

    id: str  # of the restored state
    running_s: float  # when training resumed (Unix, s)
    success_rate: float | None  # of its first evaluation; None: not yet run
    undoable: bool = True  # whether `rollback --undo` can reverse it now


class Evidence(msgspec.Struct, frozen=True):
    """Everything known at `now_s` (Unix, s)."""

    now_s: float
    lock_held: bool
    rebooted: bool  # the machine was rebooted since the daemon started
    store: StoreEvidence
    status: Status | None  # None: the store could not be read
    run_id: str | None
    orphaned: bool  # the daemon has died, its trainer still saves a checkpoint
    checkpoints: tuple[CheckpointEvidence, ...]  # ascending in sequence
    checkpoints_problem: str | None  # the folder cannot be read or contains damaged ones
    disk: DiskEvidence | None
    backups: BackupEvidence | None  # None: their folder is unknown without a configuration
    config: Config | None  # None: no usable configuration, thresholds are unknown
    config_problem: str | None
    # Among the run's checkpoints and backups; None: unknown without a configuration.
    leftovers: tuple[Leftover, ...] | None = None
    rollback_problem: str = (
        ""  # the last rollback's journal is damaged, or the rollback was interrupted
    )
    rollback: WatchedRollback | None = None
    unwritten: str = ""  # the daemon says that the store cannot be written or is damaged: why
    history: HistoryEvidence | None = None  # None: not requested, or the store cannot be read
    silent: bool = False  # a daemon holds the lock, but did not answer in time
    frozen: str | None = None  # why that daemon is frozen, if it is known to be
    clock: ClockRecord | None = None  # as of now; None: not known
    home_problem: str = ""  # why nothing can be known about the state folder: one line
    restored: str = ""  # how the current run came here, if no daemon has run since then
    run_name: str = ""  # what people call the run

    def age_s(self, time_s: float) -> float:
        """The age of a record dated `time_s` (Unix), by the clock of its time; never negative."""
        if self.clock is None:
            return max(0.0, self.now_s - time_s)
        return self.clock.age_s(time_s, self.now_s)

    @property
    def checkpoint(self) -> CheckpointEvidence | None:
        """The newest checkpoint."""
        return self.checkpoints[-1] if self.checkpoints else None
