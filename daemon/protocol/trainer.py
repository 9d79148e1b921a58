"""The two pipes between supervisor and trainer.

Trainer to supervisor: `Report` lines. Supervisor to trainer: `Order` lines; the end of
that pipe means that the supervisor is gone.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from daemon.config.schema import CheckpointKind, Severity

MAX_LINE_BYTES = 1 << 20

# Bounds that the store, divisions and calendar dates can handle.
Integer = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Seconds = Annotated[float, msgspec.Meta(ge=0.0, le=1e9)]
UnixTime = Annotated[float, msgspec.Meta(ge=0.0, le=253402300799.0)]  # to the end of year 9999

PhaseName = Literal[
    "importing",
    "compiling",
    "building",
    "restoring",
    "cloning",
    "collecting",
    "learning",
    "saving",
    "evaluating",
    "ending",
]


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """First line: process, run, and the checkpoint it resumes from."""

    pid: Count
    run_id: str
    versions: dict[str, str]
    resumed_from: str | None  # checkpoint id; None: from scratch
    timesteps: Count


class Phase(msgspec.Struct, frozen=True, tag="phase"):
    """What the trainer is doing now."""

    name: PhaseName
    detail: str = ""


class StartupStep(msgspec.Struct, frozen=True):
    """A step of the trainer's start: over, in progress or ahead."""

    name: PhaseName
    text: str  # what it does, e.g. ``build 128 landers``
    elapsed_s: Seconds | None = None  # so far, or in all if over; None: ahead
    expected_s: Seconds | None = None  # what it took at this machine's last start, if known


class Startup(msgspec.Struct, frozen=True, tag="startup"):
    """How far the start is: the heartbeat until the first `Progress`."""

    current: StartupStep
    done: Count = 0  # functions compiled or rollouts cloned, of `total`; 0 of 0 in other steps
    total: Count = 0
    over: list[StartupStep] = []
    ahead: list[StartupStep] = []


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """Heartbeat and state of the training, sent by the training loop after every rollout."""

    time_s: UnixTime
    timesteps: Count
    total_timesteps: Count
    stage: Count  # counted from 1
    stages: Count
    stage_name: str
    stage_timesteps: Count  # environment steps flown in this stage
    episodes: Count  # episodes ended in this stage
    success_rate: float | None  # of the last window_episodes; None before the first
    reward_mean: float | None  # of the same episodes
    gate_success_rate: float
    gate_mean_reward: float
    gate_passed: bool  # the stage continues to mastery
    mastery_success_rate: float | None  # None: trained until mastery_timesteps
    ramp_step: Count  # of ramp_steps; at the last one the stage has its own ranges
    ramp_steps: Count
    ramp_success_rate: float  # threshold of each ramp step
    attempt: Count
    gate_eta_s: float | None  # estimated time to the stage's gate, from its progress
    steps_per_s: float
    eta_s: float | None  # to the end of the run, from the measured speed
    phase: PhaseName
    window_episodes: Count = 100  # at most so many, all of the current difficulty
    trained_s: Seconds | None = None  # of the run, over all processes, without pauses

    @property
    def on_ramp(self) -> bool:
        """Whether the stage is still on its ramp, with easier starts."""
        return self.ramp_step < self.ramp_steps

    @property
    def success_rate_mark(self) -> float:
        """The next threshold of the success rate: of the ramp step, the gate, or mastery."""
        if self.gate_passed and self.mastery_success_rate is not None:
            return self.mastery_success_rate
        return self.ramp_success_rate if self.on_ramp else self.gate_success_rate


class Metrics(msgspec.Struct, frozen=True, tag="metrics"):
    """Scalars by their TensorBoard names. `not_finite`: names of non-finite ones."""

    time_s: UnixTime
    timesteps: Count
    values: dict[str, float]
    not_finite: list[str] = []


class CheckpointSaved(msgspec.Struct, frozen=True, tag="checkpoint"):
    """A checkpoint has been committed."""

    id: str
    kind: CheckpointKind
    timesteps: Count
    stage: Count
    size_bytes: Count
    duration_s: float


OutcomeName = Annotated[str, msgspec.Meta(pattern="^[a-z_]{1,20}$")]


class OutcomeCount(msgspec.Struct, frozen=True):
    """How many episodes of a stage had this outcome (`env.task.reward.Outcome`, lower case)."""

    stage: Count
    outcome: OutcomeName
    count: Annotated[int, msgspec.Meta(ge=0, le=10**9)]


class FailedEpisode(msgspec.Struct, frozen=True, kw_only=True):
    """A training episode that did not land, and its last state; None: not a finite number.

    The position is that of the point between the feet, seen from the pad. Seed and difficulty
    determine its start, its ground and its sensors' noise.
    """

    seed: Annotated[int, msgspec.Meta(ge=0)]  # 64 bits
    stage: Count  # towards whose ranges it flew
    difficulty: float  # on the scale of daemon.trainer.curriculum.difficulty
    cause: OutcomeName
    timesteps: Count  # environment steps of the training when it had ended
    steps: Count
    flown_s: float
    x_m: float | None
    y_m: float | None
    altitude_m: float | None
    descent_rate_m_s: float | None
    horizontal_speed_m_s: float | None
    tilt_deg: float | None
    spin_deg_s: float | None
    touchdown_speed_m_s: float | None  # of the fastest foot; None: none has touched
    fuel_fraction: float | None  # left of the propellant at the start


class EpisodesEnded(msgspec.Struct, frozen=True, tag="episodes"):
    """The training episodes since the last such report: all counted, the newest failed ones."""

    time_s: UnixTime
    counts: list[OutcomeCount]
    failed: list[FailedEpisode]


class EventReport(msgspec.Struct, frozen=True, tag="happened"):
    """An event for the store. `name` is one of :mod:`daemon.store.catalogs.event_catalog`."""

    name: str
    severity: Severity
    text: str
    body: dict[str, bool | Integer | float | str | None] = {}


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Last line before any exit except COMPLETED, STOPPED, ORPHANED: the error in one line."""

    text: str


Report = (
    Hello
    | Phase
    | Startup
    | Progress
    | Metrics
    | EpisodesEnded
    | CheckpointSaved
    | EventReport
    | Failed
)


class Save(msgspec.Struct, frozen=True, tag="save"):
    """Commit a checkpoint of this kind at the next rollout's end."""

    kind: CheckpointKind


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """Save as soon as possible, then exit with STOPPED.

    `only_if_saved`: continue training if the checkpoint cannot be written.
    """

    reason: str
    only_if_saved: bool = False


Order = Save | Stop

report_decoder = msgspec.json.Decoder(Report)
order_decoder = msgspec.json.Decoder(Order)
_encoder = msgspec.json.Encoder()


def encode_line(message: Report | Order) -> bytes:
    """One JSON line, newline included."""
    return _encoder.encode(message) + b"\n"
