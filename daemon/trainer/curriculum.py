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


class Decision(msgspec.Struct, frozen=True):
    """A call and its reason, for the event log."""

    call: Call
    reason: str


def decide(record: StageRecord, stage: Stage, curriculum: Curriculum) -> Decision:
    """Whether the exploring policy holds the gate, so that its mean action is to be tried."""
    needed = max(curriculum.min_episodes, record.retry_after_episodes)
    if record.episodes < needed or len(record.rewards) < curriculum.window_episodes:
        return Decision(Call.TRAIN_ON, f"{record.episodes} of {needed} episodes flown")
    success, reward = record.success_rate or 0.0, record.reward_mean or 0.0
    if not holds_gate(success, reward, stage):
        return Decision(Call.TRAIN_ON, gate_text(success, reward, stage))
    return Decision(Call.CONFIRM, gate_text(success, reward, stage))


def holds_gate(success_rate: float, reward_mean: float, stage: Stage) -> bool:
    """Whether both of the stage's marks are reached."""
    return success_rate >= stage.gate_success_rate and reward_mean >= stage.gate_mean_reward


def gate_text(success_rate: float, reward_mean: float, stage: Stage) -> str:
    """Both figures beside their marks, for people."""
    return (
        f"success {success_rate:.0%} of {stage.gate_success_rate:.0%}, "
        f"mean reward {reward_mean:.0f} of {stage.gate_mean_reward:.0f}"
    )
