"""What of the status is recorded with its time, so that a moment of the past can be shown.

Resources are not: they are sampled. Everything else is recorded when it changes; the numbers of a
`Progress`, which change with each rollout, at most every INTERVAL_S. An alert that is pending for
less than that is not recorded: some come and go all day.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import msgspec

from daemon.protocol.trainer import PhaseName, Progress
from daemon.store.records import (
    AlertRecord,
    ChecklistStatus,
    DaemonStatus,
    RunRecord,
    Silence,
    TrainerStatus,
)

INTERVAL_S = 30.0
NUMBERS = "numbers"  # the name of the rows with the numbers of a Progress

Recorded = (
    DaemonStatus
    | TrainerStatus
    | Progress
    | RunRecord
    | ChecklistStatus
    | list[AlertRecord]
    | list[Silence]
    | None
)


class Row(NamedTuple):
    """A part of the status, in force from `time_s` (Unix) until the next row of its name."""

    name: str
    time_s: float
    snapshot: str  # JSON


class Numbers(msgspec.Struct, frozen=True):
    """The fields of a `Progress` that change with each rollout."""

    time_s: float
    timesteps: int
    stage_timesteps: int
    episodes: int
    success_rate: float | None
    reward_mean: float | None
    gate_eta_s: float | None
    steps_per_s: float
    eta_s: float | None
    phase: PhaseName
    trained_s: float | None

    @classmethod
    def of(cls, progress: Progress) -> Numbers:
        """The numbers of `progress`, with six digits: they are recorded often."""
        return cls(
            time_s=progress.time_s,
            timesteps=progress.timesteps,
            stage_timesteps=progress.stage_timesteps,
            episodes=progress.episodes,
            success_rate=_six_digits(progress.success_rate),
            reward_mean=_six_digits(progress.reward_mean),
            gate_eta_s=_six_digits(progress.gate_eta_s),
            steps_per_s=float(f"{progress.steps_per_s:.6g}"),
            eta_s=_six_digits(progress.eta_s),
            phase=progress.phase,
            trained_s=_six_digits(progress.trained_s),
        )

    def of_progress(self, settled: Progress) -> Progress:
        """`settled` with these numbers."""
        return msgspec.structs.replace(settled, **msgspec.structs.asdict(self))


_NO_NUMBERS = Numbers(0.0, 0, 0, 0, None, None, None, 0.0, None, "collecting", None)


class StatusHistory:
    """Decides what to record; remembers what was recorded last."""

    def __init__(self) -> None:
        self._last: dict[str, bytes] = {}
        self._numbers_s = -math.inf

    def rows(self, name: str, snapshot: Recorded, time_s: float) -> list[Row]:
        """What to record of a new snapshot at `time_s` (Unix): usually nothing."""
        kept = _settled(snapshot, time_s)
        compared = msgspec.json.encode(_compared(kept))
        rows = []
        if self._last.get(name) != compared:
            self._last[name] = compared
            rows.append(Row(name, time_s, msgspec.json.encode(kept).decode()))
        # A clock that was set back does not delay the next row.
        due = bool(rows) or not 0.0 <= time_s - self._numbers_s < INTERVAL_S
        if isinstance(snapshot, Progress) and due:
            self._numbers_s = time_s
            numbers = msgspec.json.encode(Numbers.of(snapshot)).decode()
            rows.append(Row(NUMBERS, time_s, numbers))
        return rows


def _settled(snapshot: Recorded, time_s: float) -> Recorded:
    """The snapshot without what changes all the time."""
    if isinstance(snapshot, Progress):
        return _NO_NUMBERS.of_progress(snapshot)
    if isinstance(snapshot, TrainerStatus):
        without = msgspec.structs.replace(snapshot, heartbeat_s=None, startup=None, report_s=None)
        if snapshot.state == "STARTING":
            return without  # its phases are the steps of the start
        return msgspec.structs.replace(without, phase=None, phase_detail="")
    if isinstance(snapshot, list):
        return [one for one in snapshot if not _is_passing(one, time_s)]  # type: ignore[return-value]
    return snapshot


def _is_passing(one: AlertRecord | Silence, time_s: float) -> bool:
    """Whether it is an alert that may be over in a moment."""
    if not isinstance(one, AlertRecord) or one.state != "pending":
        return False
    return time_s - one.since_s < INTERVAL_S


def _compared(kept: Recorded) -> Recorded:
    """What makes a new row if it is another: not a value or a time alone."""
    if isinstance(kept, ChecklistStatus):
        return msgspec.structs.replace(kept, time_s=0.0, burn_in_h=None)
    if isinstance(kept, list):
        return [
            msgspec.structs.replace(one, value=None) if isinstance(one, AlertRecord) else one
            for one in kept
        ]  # type: ignore[return-value]  # of one kind
    return kept


def _six_digits(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")
