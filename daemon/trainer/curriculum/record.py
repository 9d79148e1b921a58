"""The record of the current stage, part of each checkpoint."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from daemon.config.schema import CurriculumSettings, Stage


class StageRecord(msgspec.Struct, forbid_unknown_fields=True):
    """The current stage's history. The window and `episodes` count only the current difficulty."""

    stage: int  # counted from 1
    started_timesteps: int
    started_wall_s: float  # training time of this run, not clock time
    ramp_step: int  # from 1 to the stage's ramp_steps; there the ramp is over
    attempt: int = 1
    attempt_timesteps: int = 0  # of the run, at the start of this attempt
    regressions: int = 0  # consecutive returns to a previous stage without a new gate passed
    regressed_from: int = 0  # the highest stage among those; 0: none
    stage_episodes: int = 0  # of all difficulties in this stage
    episodes: int = 0
    successes: list[bool] = []  # newest last, at most the window
    rewards: list[float] = []
    retry_after_episodes: int = 0  # the next confirmation of a failed gate, at the earliest
    gate_passed: bool = False

    def add(self, success: bool, reward: float, window: int) -> None:
        """Count an ended episode of the current difficulty."""
        self.stage_episodes += 1
        self.episodes += 1
        self.successes = [*self.successes, success][-window:]
        self.rewards = [*self.rewards, reward][-window:]

    @property
    def success_rate(self) -> float | None:
        """Over the window; None before the first episode."""
        return sum(self.successes) / len(self.successes) if self.successes else None

    @property
    def reward_mean(self) -> float | None:
        """Over the window; None before the first episode."""
        return sum(self.rewards) / len(self.rewards) if self.rewards else None


def first_record(stages: Sequence[Stage], number: int = 1) -> StageRecord:
    """The record of a new training: a stage without a ramp."""
    return StageRecord(number, 0, 0.0, ramp_step=stages[number - 1].ramp_steps)


def next_stage(record: StageRecord, timesteps: int, trained_s: float) -> StageRecord:
    """The stage after this one, at the first step of its ramp."""
    return StageRecord(
        record.stage + 1,
        timesteps,
        trained_s,
        ramp_step=1,
        attempt_timesteps=timesteps,
        regressions=record.regressions,
        regressed_from=record.regressed_from,
    )


def mark_passed(record: StageRecord) -> StageRecord:
    """The record after its gate is passed. Regressions are reset only at the gate of the highest
    stage regressed from: the previous gate has to be passed again each time."""
    if record.stage >= record.regressed_from:
        return msgspec.structs.replace(record, gate_passed=True, regressions=0, regressed_from=0)
    return msgspec.structs.replace(record, gate_passed=True)


def next_ramp_step(record: StageRecord) -> StageRecord:
    """The same stage at the next ramp step, with an empty window."""
    return at_ramp_step(record, record.ramp_step + 1)


def at_ramp_step(record: StageRecord, ramp_step: int) -> StageRecord:
    """The same stage at this ramp step, with an empty window."""
    return _reset(record, ramp_step=ramp_step)


def restarted(record: StageRecord) -> StageRecord:
    """The same stage from the first step of its ramp, which the first stage does not have."""
    return _reset(record, ramp_step=1 if record.stage > 1 else record.ramp_step)


def next_attempt(record: StageRecord, timesteps: int) -> StageRecord:
    """The same stage, restarted."""
    retried = restarted(record)
    retried.attempt, retried.attempt_timesteps = record.attempt + 1, timesteps
    return retried


def previous_stage(
    record: StageRecord, stages: Sequence[Stage], timesteps: int, trained_s: float
) -> StageRecord:
    """The previous stage without a ramp; its gate has to be passed again."""
    number = record.stage - 1
    return StageRecord(
        number,
        timesteps,
        trained_s,
        ramp_step=stages[number - 1].ramp_steps,
        attempt_timesteps=timesteps,
        regressions=record.regressions + 1,
        regressed_from=max(record.regressed_from, record.stage),
    )


def _reset(record: StageRecord, *, ramp_step: int) -> StageRecord:
    return msgspec.structs.replace(
        record, ramp_step=ramp_step, episodes=0, successes=[], rewards=[], retry_after_episodes=0
    )


def check_record(
    record: StageRecord, stages: Sequence[Stage], curriculum: CurriculumSettings, timesteps: int
) -> None:
    """Raise ValueError, naming the field, for a record that no training can produce."""
    _require(1 <= record.stage <= len(stages), "stage", record.stage, f"1 to {len(stages)}")
    steps = stages[record.stage - 1].ramp_steps
    _require(1 <= record.ramp_step <= steps, "ramp_step", record.ramp_step, f"1 to {steps}")
    for name in ("started_timesteps", "attempt_timesteps"):
        value = getattr(record, name)
        _require(0 <= value <= timesteps, name, value, f"0 to {timesteps}, the run's timesteps")
    farthest = record.regressed_from
    _require(0 <= farthest <= len(stages), "regressed_from", farthest, f"0 to {len(stages)}")
    for name in ("regressions", "stage_episodes", "episodes", "retry_after_episodes"):
        _require(getattr(record, name) >= 0, name, getattr(record, name), "0 or more")
    _require(record.attempt >= 1, "attempt", record.attempt, "1 or more")
    sane = math.isfinite(record.started_wall_s) and record.started_wall_s >= 0.0
    _require(sane, "started_wall_s", record.started_wall_s, "0 or more")
    held, window = len(record.successes), min(record.episodes, curriculum.window_episodes)
    _require(held == window, "successes", held, f"{window} entries")
    _require(len(record.rewards) == held, "rewards", len(record.rewards), f"{held} entries")
    for reward in record.rewards:
        _require(math.isfinite(reward), "rewards", reward, "finite numbers")
    _require(
        not record.gate_passed or record.ramp_step == steps,
        "gate_passed",
        record.gate_passed,
        "false on the ramp",
    )


def _require(holds: bool, name: str, found: object, allowed: str) -> None:
    if not holds:
        raise ValueError(f"curriculum.{name} = {found!r}: expected {allowed}")
