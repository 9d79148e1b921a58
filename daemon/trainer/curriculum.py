"""The curriculum as pure logic: what was flown in a stage, and what that calls for."""

from __future__ import annotations

from enum import Enum

import msgspec

from daemon.config.schema import Curriculum, Stage


class StageRecord(msgspec.Struct, forbid_unknown_fields=True):
    """What has been flown in the current stage. Part of a checkpoint."""

    stage: int  # counted from 1
    started_timesteps: int
    started_wall_s: float  # training time of this run, not clock time
    episodes: int = 0
    successes: list[bool] = []  # newest last, at most the window
    rewards: list[float] = []
    retry_after_episodes: int = 0  # a gate that was not confirmed is not looked at before this
    gate_passed: bool = False

    def add(self, success: bool, reward: float, window: int) -> None:
        """Count an episode that ended."""
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


class Call(Enum):
    """What the record calls for."""

    TRAIN_ON = "train on"
    CONFIRM = "confirm"  # fly the mean action on evaluation seeds
    ADVANCE = "advance"  # the gate is passed and the stage mastered, or given enough time


class Decision(msgspec.Struct, frozen=True):
    """A call and its reason, for the event log."""

    call: Call
    reason: str


def decide(record: StageRecord, stage: Stage, curriculum: Curriculum, timesteps: int) -> Decision:
    """Whether to try the gate, and after it whether to go on to the next stage.

    A stage trains on past its gate: a policy that barely lands learns in the next stage that
    descending does not pay, and hovers. `timesteps` is the run's count of environment steps.
    """
    if record.gate_passed:
        return _after_gate(record, curriculum, timesteps - record.started_timesteps)
    needed = max(curriculum.min_episodes, record.retry_after_episodes)
    if record.episodes < needed or len(record.rewards) < curriculum.window_episodes:
        return Decision(Call.TRAIN_ON, f"{record.episodes} of {needed} episodes flown")
    success, reward = record.success_rate or 0.0, record.reward_mean or 0.0
    if not holds_gate(success, reward, stage):
        return Decision(Call.TRAIN_ON, gate_text(success, reward, stage))
    return Decision(Call.CONFIRM, gate_text(success, reward, stage))


def _after_gate(record: StageRecord, curriculum: Curriculum, stage_timesteps: int) -> Decision:
    success, mark = record.success_rate or 0.0, curriculum.mastery_success_rate
    full = len(record.successes) >= curriculum.window_episodes
    if full and success >= mark:
        return Decision(Call.ADVANCE, f"mastered: success {success:.0%} of {mark:.0%}")
    if stage_timesteps >= curriculum.mastery_timesteps:
        return Decision(Call.ADVANCE, f"{stage_timesteps:,} steps flown, success {success:.0%}")
    return Decision(Call.TRAIN_ON, f"gate passed, success {success:.0%} of {mark:.0%}")


def holds_gate(success_rate: float, reward_mean: float, stage: Stage) -> bool:
    """Whether both of the stage's marks are reached."""
    return success_rate >= stage.gate_success_rate and reward_mean >= stage.gate_mean_reward


def gate_text(success_rate: float, reward_mean: float, stage: Stage) -> str:
    """Both figures beside their marks, for people."""
    return (
        f"success {success_rate:.0%} of {stage.gate_success_rate:.0%}, "
        f"mean reward {reward_mean:.0f} of {stage.gate_mean_reward:.0f}"
    )
