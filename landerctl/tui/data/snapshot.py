"""Everything the screen shows, read at one instant; immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from textual.message import Message

from daemon.backup.restoring.restorable import Restorable
from daemon.config.schema import AlertRule, NotifyTarget, Stage, TuiSettings
from daemon.protocol.trainer import Startup
from daemon.store.records import Event, Sample, Status
from landerctl.operations.sweeps.hint import RunningSweep
from landerctl.tui.data.rollback import RollbackSeen
from landerctl.tui.data.situation import Situation

Window = tuple[float, float]  # from and before which samples are read, Unix times in s
NO_STATUS = Status(None, None, None, None, [], [], [], None)


@dataclass(frozen=True)
class Removed:
    """A checkpoint that existed at a moment of the past, and neither it nor a backup does now."""

    id: str
    created_s: float
    size_bytes: int


@dataclass(frozen=True)
class Past:
    """What a snapshot of the past says about itself."""

    now_s: float  # when it was read (Unix)
    resolution: str  # of the records of that time
    not_recorded: tuple[str, ...] = ()  # what is not known of that time
    firing_now: tuple[str, ...] = ()  # critical and warning alerts that fire when it is read
    removed: tuple[Removed, ...] = ()  # newest first
    # A run was opened: its last moment is shown, and all evaluations of it.
    of_opened_run: bool = False
    other_run: bool = False  # the run is not the one of now


@dataclass(frozen=True)
class Snapshot:
    """The content of a state folder, read at `read_s` (Unix time, s)."""

    read_s: float  # with `at_s`: that time
    situation: Situation
    at_s: float | None = None  # the moment of the past that it shows; None: now
    past: Past | None = None  # with `at_s`
    status: Status = NO_STATUS
    run_name: str = ""  # what people call the run
    stages: tuple[Stage, ...] = ()  # of the run's frozen configuration
    events: tuple[Event, ...] = ()  # the newest, ascending
    gates_passed: tuple[Event, ...] = ()  # stage.passed of this run, ascending
    series: Mapping[str, tuple[Sample, ...]] = field(default_factory=dict)
    finer: Mapping[Window, Mapping[str, tuple[Sample, ...]]] = field(default_factory=dict)
    marks: tuple[Event, ...] = ()  # of this run, for plots that show marks; ascending
    restorables: tuple[Restorable, ...] = ()  # newest first
    older_states: int = 0  # interval checkpoints and backups that are not listed
    backups: Path | None = None  # their folder, once it is known
    damaged: tuple[str, ...] = ()  # checkpoints that cannot be used, and why
    rules: tuple[AlertRule, ...] = ()  # of the current configuration
    targets: tuple[NotifyTarget, ...] = ()
    rollback: RollbackSeen | None = None  # the run's last one
    sweep: RunningSweep | None = None  # one that runs in this state folder
    tui: TuiSettings | None = None  # None: not read yet
    read_only: bool = False  # the screen changes nothing

    @property
    def startup(self) -> Startup | None:
        """How far the trainer's start is; None: it is not starting, or that is not current."""
        trainer = self.status.trainer
        return trainer.startup if trainer is not None and self.situation.live else None

    @property
    def failed(self) -> bool:
        """Whether a running daemon has given its trainer up."""
        trainer = self.status.trainer
        return self.situation.live and trainer is not None and trainer.state == "FATAL"

    @property
    def training(self) -> bool:
        """Whether speed and time left are current."""
        trainer = self.status.trainer
        return self.situation.live and trainer is not None and trainer.state == "RUNNING"


class View(Protocol):
    """A widget that shows snapshots."""

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot; draw what changed."""


class SnapshotTaken(Message):
    """A new snapshot; it replaces those still in the message queue."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """Whether this message replaces the queued `message`."""
        return isinstance(message, SnapshotTaken)
