"""What is known of the burn-in, for the judges. Frozen."""

from __future__ import annotations

from typing import Literal

import msgspec

from checks.checklist.burn_in.sessions import BurnIn
from checks.checklist.burn_in.slope import Point
from daemon.store.records import Event

Processes = tuple[tuple[Point, ...], ...]  # of each session: training time (s), value


class HourMean(msgspec.Struct, frozen=True):
    """The largest mean of a window of a session, and when it began (Unix, s)."""

    mean: float
    since_s: float


class BoardAnswer(msgspec.Struct, frozen=True):
    """What the daemon's TensorBoard answered when asked for the newest `time/trained_s`."""

    state: Literal["answers", "silent", "no server", "off"]
    text: str  # why it did not answer; one line
    lag_s: float | None = None  # training time that its newest scalar lacks


class GateCount(msgspec.Struct, frozen=True):
    """The observations in the VecNormalize statistics of a stage's newest gate checkpoint."""

    stage: int
    checkpoint: str
    timesteps: int  # of the training; 0: passed by a clone before it
    count: float | None  # None: it has none, as normalize.observations is off
    problem: str = ""  # why it cannot be read


class PassedGate(msgspec.Struct, frozen=True):
    """A gate's newest record."""

    stage: int
    time_s: float  # Unix
    success_rate: float
    mean_reward: float
    fingerprint: str  # of the daemon's start that trained it


class BurnInEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """The burn-in of the current run. Samples: of its sessions, without each one's first window.

    `window_s`: over which means are taken, and what allocators have to settle.
    """

    burn_in: BurnIn
    mode: str
    stages: int  # of the run
    rollout_steps: int
    normalizes: bool
    window_s: float
    memory_bytes: Processes = ()
    descriptors: Processes = ()
    threads: Processes = ()
    memory_per_lander_mb: float | None = None  # the largest
    zombies_s: float | None = None  # how long there was one at a stretch, at most
    cpu: HourMean | None = None
    disk_write: HourMean | None = None
    steps_per_s: float | None = None  # median
    distance_steps: tuple[float | None, ...] = ()  # largest without a checkpoint, of each session
    failures: tuple[Event, ...] = ()  # checkpoint.failed
    checkpoint_problem: str = ""  # of the newest checkpoint; one line
    unwritten: str = ""  # of TensorBoard's files: a session without one; one line
    board: BoardAnswer
    gates: tuple[PassedGate, ...] = ()  # by stage
    counts: tuple[GateCount, ...] = ()  # by stage
