"""The decision that follows from a stage's record, with its reason. Pure."""

from __future__ import annotations

from enum import Enum

import msgspec

from daemon.config.schema import CurriculumSettings, Stage
from daemon.trainer.curriculum.record import StageRecord


class Call(Enum):
    """The next action of the curriculum."""

    TRAIN_ON = "train on"
    HARDEN = "harden"  # the ramp's next step
    CONFIRM = "confirm"  # fly the mean action on evaluation seeds
    ADVANCE = "advance"  # gate passed and the stage mastered, or mastery_timesteps reached
    RETRY = "retry"  # the attempt failed: a new one, from the first step of the ramp
    REGRESS = "regress"  # the last attempt failed: return to the previous stage and its model


class Decision(msgspec.Struct, frozen=True):
    """The action and its reason, for the event log."""

    call: Call
    reason: str


def decide(
    record: StageRecord, stage: Stage, curriculum: CurriculumSettings, timesteps: int
) -> Decision:
    """Decide on a stage's record; `timesteps` is the run's count of environment steps.

    On the ramp: the next step at `ramp_success_rate`. After the ramp: a gate met by the exploring
    policy must be confirmed by the mean action. After the gate, the stage trains on to mastery: a
    policy that barely lands would learn in the next stage that descending does not pay.
    """
    if record.gate_passed:
        return _after_gate(record, stage, curriculum, timesteps - record.started_timesteps)
    if timesteps - record.attempt_timesteps >= curriculum.attempt_timesteps:
        return _failed_attempt(record, curriculum)
    needed = max(curriculum.window_episodes, record.retry_after_episodes)
    on_ramp = record.ramp_step < stage.ramp_steps
    if not on_ramp:
        needed = max(needed, curriculum.min_episodes)
    if record.episodes < needed:
        return Decision(Call.TRAIN_ON, f"{record.episodes} of {needed} episodes flown")
    success, reward = record.success_rate or 0.0, record.reward_mean or 0.0
    if on_ramp:
        mark = curriculum.ramp_success_rate
        call = Call.HARDEN if success >= mark else Call.TRAIN_ON
        step = f"ramp {record.ramp_step} of {stage.ramp_steps}"
        return Decision(call, f"{step}: success {success:.0%} of {mark:.0%}")
    call = Call.CONFIRM if holds_gate(success, reward, stage) else Call.TRAIN_ON
    return Decision(call, gate_text(success, reward, stage))


def _after_gate(
    record: StageRecord, stage: Stage, curriculum: CurriculumSettings, stage_timesteps: int
) -> Decision:
    success, reward = record.success_rate or 0.0, record.reward_mean or 0.0
    mark = stage.mastery_success_rate
    full = len(record.successes) >= curriculum.window_episodes
    if full and mark is not None and success >= mark:
        return Decision(Call.ADVANCE, f"mastered: success {success:.0%} of {mark:.0%}")
    if stage_timesteps >= stage.mastery_timesteps and holds_gate(success, reward, stage):
        return Decision(Call.ADVANCE, f"{stage_timesteps:,} steps flown, success {success:.0%}")
    of_mark = "" if mark is None else f" of {mark:.0%}"
    return Decision(Call.TRAIN_ON, f"gate passed, success {success:.0%}{of_mark}")


def _failed_attempt(record: StageRecord, curriculum: CurriculumSettings) -> Decision:
    steps = f"{curriculum.attempt_timesteps:,} steps without passing the gate"
    reason = f"attempt {record.attempt} of {curriculum.attempts} failed: {steps}"
    if record.attempt < curriculum.attempts or record.stage == 1:
        return Decision(Call.RETRY, reason)
    return Decision(Call.REGRESS, reason)


def holds_gate(success_rate: float, reward_mean: float, stage: Stage) -> bool:
    """Whether success rate and mean reward reach the stage's gate."""
    return success_rate >= stage.gate_success_rate and reward_mean >= stage.gate_mean_reward


def gate_text(success_rate: float, reward_mean: float, stage: Stage) -> str:
    """Both values with their thresholds, for messages."""
    return (
        f"success {success_rate:.0%} of {stage.gate_success_rate:.0%}, "
        f"mean reward {reward_mean:.0f} of {stage.gate_mean_reward:.0f}"
    )


def stage_progress(record: StageRecord, stage: Stage, curriculum: CurriculumSettings) -> float:
    """Progress of the stage to its gate, 0 to 1: ramp steps, and the success rate of the current
    one relative to its threshold."""
    if record.gate_passed:
        return 1.0
    on_ramp = record.ramp_step < stage.ramp_steps
    mark = curriculum.ramp_success_rate if on_ramp else stage.gate_success_rate
    part = min((record.success_rate or 0.0) / mark, 1.0) if mark > 0.0 else 1.0
    return (record.ramp_step - 1 + part) / stage.ramp_steps
