"""Applies the curriculum to a training: stage, difficulty, rehearsal, and their events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from daemon.config.schema import Config, Severity, Stage
from daemon.protocol.trainer import EventReport
from daemon.trainer.channel import Channel
from daemon.trainer.curriculum.decide import Decision, decide, gate_text, holds_gate
from daemon.trainer.curriculum.difficulty import conditions_at, difficulty_of, rehearsal
from daemon.trainer.curriculum.record import (
    StageRecord,
    at_ramp_step,
    mark_passed,
    next_attempt,
    next_ramp_step,
    next_stage,
    previous_stage,
    restarted,
)
from daemon.trainer.curriculum.training_plan import TrainingPlan
from daemon.trainer.flyable import start_conditions
from env.fleet import Episode, LanderFleet


class CurriculumController:
    """Keeps the stage record, sets the fleet's start conditions by it, and reports events."""

    def __init__(
        self,
        config: Config,
        plan: TrainingPlan,
        channel: Channel,
        fleet: LanderFleet,
        record: StageRecord,
    ) -> None:
        self._config, self._plan, self._channel, self._fleet = config, plan, channel, fleet
        self._conditions = [start_conditions(stage) for stage in plan.stages]
        share = config.curriculum.rehearsal_share if plan.gated else 0.0
        self._rehearsing = round(share * fleet.num_envs)
        self.record = record

    @property
    def stage(self) -> Stage:
        """The current stage."""
        return self._plan.stages[self.record.stage - 1]

    @property
    def difficulty(self) -> float:
        """On the scale of :mod:`daemon.trainer.curriculum.difficulty`."""
        return difficulty_of(self.record, self.stage.ramp_steps)

    @property
    def on_ramp(self) -> bool:
        """Whether the stage is still on its ramp."""
        return self.record.ramp_step < self.stage.ramp_steps

    @property
    def in_last_stage(self) -> bool:
        """Whether this is the last stage."""
        return self.record.stage == len(self._plan.stages)

    def begin(self) -> None:
        """Report the start of the stage, and fly it from the next episodes on."""
        number, name = self.record.stage, self.stage.name
        text = f"stage {number} of {len(self._plan.stages)}: {name}"
        self._report("stage.started", text, {"stage": number, "name": name})
        self.set_difficulty()

    def set_difficulty(self) -> None:
        """Set the difficulty of the record for episodes that begin from now on."""
        self._fleet.set_start(conditions_at(self._conditions, self.difficulty))

    def rehearse(self, timesteps: int) -> None:
        """Draw new difficulties for the rehearsing landers; does nothing in the first stage."""
        if self.difficulty <= 1.0:
            return
        drawn = rehearsal(self._config.run.seed, timesteps, self._rehearsing, self.difficulty)
        for craft, difficulty in enumerate(drawn):
            conditions = conditions_at(self._conditions, difficulty)
            self._fleet.set_start(conditions, slice(craft, craft + 1))

    def add(self, episodes: Iterable[Episode]) -> list[Episode]:
        """Count the episodes of the current difficulty; returns them."""
        counted = [episode for episode in episodes if episode.difficulty == self.difficulty]
        for episode in counted:
            window = self._config.curriculum.window_episodes
            self.record.add(episode.success, episode.reward, window)
        return counted

    def decide(self, timesteps: int) -> Decision:
        """The decision that follows from the record."""
        return decide(self.record, self.stage, self._config.curriculum, timesteps)

    def advance_ramp(self, reason: str) -> None:
        """Go to the next step of the ramp."""
        self._report("stage.ramped", f"{self._name()}: {reason}", self._figures())
        self.record = next_ramp_step(self.record)
        self.set_difficulty()

    def skip_ramp(self) -> None:
        """Go to the end of the ramp: a cloned policy is judged without it."""
        self.record = at_ramp_step(self.record, self.stage.ramp_steps)
        self.set_difficulty()

    def restart_ramp(self) -> None:
        """Go to the first step of the ramp; the stage continues there."""
        self.record = restarted(self.record)
        self.set_difficulty()

    def confirming(self, reason: str) -> None:
        """Report that the mean action is about to be evaluated at the gate."""
        self._report("stage.confirming", f"{self._name()}: {reason}", self._figures())

    def confirmed(self, success: float, reward: float, timesteps: int, trained_s: float) -> bool:
        """Judge the mean action's results at the gate; True if it is passed."""
        text = f"{self._name()}, mean action: {gate_text(success, reward, self.stage)}"
        figures = self._figures() | {"success_rate": success, "reward_mean": reward}
        if not holds_gate(success, reward, self.stage):
            retry_after = self.record.episodes + self._config.curriculum.min_episodes
            self.record.retry_after_episodes = retry_after
            self._report("stage.unconfirmed", text, figures, "warning")
            return False
        figures |= {
            "timesteps": timesteps,
            "stage_timesteps": timesteps - self.record.started_timesteps,
            "stage_s": trained_s - self.record.started_wall_s,
            "trained_s": trained_s,
        }
        self.record = mark_passed(self.record)
        self._report("stage.passed", text, figures)
        return True

    def advance(self, reason: str, timesteps: int, trained_s: float) -> None:
        """Go to the next stage."""
        self.finish(reason)
        self.record = next_stage(self.record, timesteps, trained_s)
        self.begin()

    def finish(self, reason: str) -> None:
        """Report the end of the stage."""
        self._report("stage.finished", f"{self._name()}: {reason}", self._figures())

    def retry(self, reason: str, timesteps: int) -> None:
        """Restart the stage from the first step of its ramp."""
        self._report("stage.failed", f"{self._name()}: {reason}", self._figures(), "warning")
        self.record = next_attempt(self.record, timesteps)
        self.set_difficulty()

    def regress(self, reason: str, model_of: str | None, timesteps: int, trained_s: float) -> None:
        """Return to the previous stage; `model_of`: the checkpoint whose model was restored."""
        self.record = previous_stage(self.record, self._plan.stages, timesteps, trained_s)
        model = f"with the model of {model_of}" if model_of else "with the current model"
        text = f"{reason}; back to stage {self.record.stage}, {self.stage.name}, {model}"
        figures = {"stage": self.record.stage, "in_a_row": self.record.regressions}
        self._report("stage.regressed", text, figures, "warning")
        self.begin()

    def _name(self) -> str:
        return f"stage {self.record.stage}, {self.stage.name}"

    def _figures(self) -> dict[str, Any]:
        return {
            "stage": self.record.stage,
            "ramp_step": self.record.ramp_step,
            "attempt": self.record.attempt,
            "success_rate": self.record.success_rate,
            "reward_mean": self.record.reward_mean,
        }

    def _report(
        self, name: str, text: str, body: dict[str, Any], severity: Severity = "info"
    ) -> None:
        self._channel.send(EventReport(name, severity, text, body))
