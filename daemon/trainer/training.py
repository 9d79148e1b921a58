"""The training itself: rollouts, gates, checkpoints, reports, until it is done or told to stop."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecNormalize

from daemon.checkpoint.manifest import Manifest
from daemon.config.schema import CheckpointKind, Config, Stage
from daemon.exitcodes import TrainerExit
from daemon.paths import RunPaths
from daemon.protocol.trainer import (
    CheckpointSaved,
    Happened,
    Phase,
    Progress,
    Save,
    Stop,
)
from daemon.trainer import algorithms
from daemon.trainer.channel import Channel
from daemon.trainer.curriculum import Call, StageRecord, decide, gate_text, holds_gate
from daemon.trainer.errors import SaveError
from daemon.trainer.evaluation import fly_episodes
from daemon.trainer.fleets import build_fleet, start_conditions
from daemon.trainer.metrics import Speed, TimeoutLog, build_logger, record_episodes
from daemon.trainer.plan import TrainingPlan
from daemon.trainer.saving import save_checkpoint
from env.fleet import Episode, LanderFleet

NEVER = 2**62  # SB3's own dump comes before the update; ours comes after it


class EpisodeCollector(BaseCallback):
    """Collects the episodes that end during a rollout."""

    def __init__(self) -> None:
        super().__init__()
        self.episodes: list[Episode] = []

    def _on_step(self) -> bool:
        for i in self.locals["dones"].nonzero()[0]:
            self.episodes.append(self.locals["infos"][i]["lander"])
        return True

    def take(self) -> list[Episode]:
        """The episodes since the last call."""
        episodes, self.episodes = self.episodes, []
        return episodes


class Training:
    """One run's training in this process. :meth:`run` returns how it ended."""

    def __init__(
        self,
        *,
        run: RunPaths,
        config: Config,
        plan: TrainingPlan,
        channel: Channel,
        fleet: LanderFleet,
        normalizer: VecNormalize,
        model: BaseAlgorithm,
        record: StageRecord,
        trained_s: float,
    ) -> None:
        self._run, self._config, self._plan, self._channel = run, config, plan, channel
        self._fleet, self._normalizer, self._model = fleet, normalizer, model
        self._record = record
        self._trained_before_s = trained_s
        self._began_s = time.monotonic()
        self._saved_timesteps = model.num_timesteps
        self._collector = EpisodeCollector()
        self._speed = Speed()
        self._timeouts = TimeoutLog()
        self._evaluation_fleet: LanderFleet | None = None
        model.set_logger(build_logger(run.tensorboard, channel))

    def run(self) -> TrainerExit:
        """Train until the plan is fulfilled, an order to stop, or the supervisor is gone.

        Raises SaveError where the last checkpoint cannot be written; an interval checkpoint that
        cannot is reported, and the training goes on.
        """
        self._begin_stage(announce=self._record.episodes == 0)
        self._speed.mark(time.monotonic(), self._model.num_timesteps)
        while self._model.num_timesteps < self._plan.timesteps:
            self._iterate()
            for order in self._channel.poll():
                match order:
                    case Stop():
                        return self._end("stop", TrainerExit.STOPPED)
                    case Save(kind=kind):
                        self._save_or_report(kind)
            if self._channel.orphaned:
                return self._end("stop", TrainerExit.ORPHANED)
            if self._follow_curriculum():
                break
            if self._interval_is_over():
                self._save_or_report("interval")
        return self._end("final", TrainerExit.COMPLETED)

    def _interval_is_over(self) -> bool:
        done = self._model.num_timesteps
        due = done - self._saved_timesteps >= self._config.checkpoints.interval_steps
        return due and done < self._plan.timesteps  # the final checkpoint is about to follow

    @property
    def _stage(self) -> Stage:
        return self._plan.stages[self._record.stage - 1]

    @property
    def _trained_s(self) -> float:
        return self._trained_before_s + time.monotonic() - self._began_s

    def _begin_stage(self, *, announce: bool) -> None:
        self._fleet.set_start(start_conditions(self._stage))
        # The next rollout begins new episodes everywhere, from the new stage's ranges.
        self._model._last_obs = None
        if announce:
            number, name = self._record.stage, self._stage.name
            text = f"stage {number} of {len(self._plan.stages)}: {name}"
            body: dict[str, Any] = {"stage": number, "name": name}
            self._channel.send(Happened("stage.started", "info", text, body))

    def _iterate(self) -> None:
        """One rollout and its update, then everything that is known after it."""
        model = self._model
        steps = algorithms.steps_per_iteration(self._config)
        # After a save or an evaluation the last phase told is over.
        self._channel.send(Phase("collecting"))
        model.learn(steps, callback=self._collector, log_interval=NEVER, reset_num_timesteps=False)
        episodes = self._collector.take()
        for episode in episodes:
            self._record.add(
                episode.success, episode.reward, self._config.curriculum.window_episodes
            )
        self._speed.mark(time.monotonic(), model.num_timesteps)
        self._report(episodes)

    def _report(self, episodes: list[Episode]) -> None:
        """Scalars to TensorBoard and the supervisor, then the proof of life."""
        logger = self._model.logger
        record_episodes(logger, episodes)
        if self._record.success_rate is not None:
            logger.record("episode/success_rate_100", self._record.success_rate)
        logger.record("curriculum/current_stage", self._record.stage)
        logger.record("time/fps", self._speed.steps_per_s)
        logger.record("time/trained_s", self._trained_s)
        logger.dump(self._model.num_timesteps)
        self._channel.send(self._progress())
        if late := self._timeouts.add(episodes, time.monotonic()):
            self._channel.send(late)

    def _progress(self) -> Progress:
        speed, done = self._speed.steps_per_s, self._model.num_timesteps
        left = max(self._plan.timesteps - done, 0)
        return Progress(
            time_s=time.time(),
            timesteps=done,
            total_timesteps=self._plan.timesteps,
            stage=self._record.stage,
            stages=len(self._plan.stages),
            stage_name=self._stage.name,
            stage_timesteps=done - self._record.started_timesteps,
            episodes=self._record.episodes,
            success_rate=self._record.success_rate,
            reward_mean=self._record.reward_mean,
            gate_success_rate=self._stage.gate_success_rate,
            gate_mean_reward=self._stage.gate_mean_reward,
            gate_passed=self._record.gate_passed,
            mastery_success_rate=self._config.curriculum.mastery_success_rate,
            steps_per_s=speed,
            eta_s=left / speed if speed > 0 else None,
            phase="collecting",
        )

    def _follow_curriculum(self) -> bool:
        """Do what the stage's record calls for; True when the last stage is over."""
        if not self._plan.gated:
            return False
        decision = decide(
            self._record, self._stage, self._config.curriculum, self._model.num_timesteps
        )
        match decision.call:
            case Call.CONFIRM:
                self._try_gate(decision.reason)
            case Call.ADVANCE:
                return self._advance(decision.reason)
        return False

    def _try_gate(self, reason: str) -> None:
        number, stage = self._record.stage, self._stage
        self._happened("stage.confirming", f"stage {number}: {reason}; trying mean action")
        episodes = self._confirm()
        if not episodes:
            return
        success = sum(episode.success for episode in episodes) / len(episodes)
        reward = sum(episode.reward for episode in episodes) / len(episodes)
        self._model.logger.record("eval/success_rate", success)
        self._model.logger.record("eval/mean_reward", reward)
        self._model.logger.dump(self._model.num_timesteps)
        text = f"stage {number}, {stage.name}, mean action: {gate_text(success, reward, stage)}"
        figures: dict[str, Any] = {"stage": number, "success_rate": success, "reward_mean": reward}
        if not holds_gate(success, reward, stage):
            self._record.retry_after_episodes = (
                self._record.episodes + self._config.curriculum.min_episodes
            )
            self._channel.send(Happened("stage.unconfirmed", "warning", text, figures))
            return
        figures |= {
            "timesteps": self._model.num_timesteps,
            "stage_timesteps": self._model.num_timesteps - self._record.started_timesteps,
            "wall_s": self._trained_s - self._record.started_wall_s,
        }
        self._record.gate_passed = True
        self._channel.send(Happened("stage.passed", "info", text, figures))
        self._save_or_report("gate")

    def _advance(self, reason: str) -> bool:
        number = self._record.stage
        self._happened("stage.finished", f"stage {number}, {self._stage.name}: {reason}")
        if number == len(self._plan.stages):
            return True
        self._record = StageRecord(number + 1, self._model.num_timesteps, self._trained_s)
        self._begin_stage(announce=True)
        return False

    def _happened(self, name: str, text: str) -> None:
        body: dict[str, Any] = {
            "stage": self._record.stage,
            "success_rate": self._record.success_rate,
            "reward_mean": self._record.reward_mean,
        }
        self._channel.send(Happened(name, "info", text, body))

    def _confirm(self) -> list[Episode]:
        """Fly the mean action on the evaluation seeds; empty if an order came in between."""
        self._channel.send(Phase("evaluating", f"stage {self._record.stage}: mean action"))
        count = self._config.curriculum.confirm_episodes
        if self._evaluation_fleet is None:
            fleet_size = min(count, self._config.run.n_envs)
            self._evaluation_fleet = build_fleet(self._config, self._stage, fleet_size)
        self._evaluation_fleet.set_start(start_conditions(self._stage))
        episodes = fly_episodes(
            self._model,
            self._normalizer,
            self._evaluation_fleet,
            first_seed=self._config.evaluation.seed,
            episodes=count,
            between_steps=lambda _: not self._channel.interrupted(),
        )
        return episodes if len(episodes) == count else []

    def _save_or_report(self, kind: CheckpointKind) -> None:
        with contextlib.suppress(SaveError):  # reported; there is always an older checkpoint
            self._save(kind)

    def _save(self, kind: CheckpointKind) -> Manifest:
        self._channel.send(Phase("saving", f"{kind} checkpoint"))
        began = time.monotonic()
        # Whether it succeeds or not, the next attempt waits for the next interval.
        self._saved_timesteps = self._model.num_timesteps
        try:
            manifest = save_checkpoint(
                self._run,
                self._config,
                kind=kind,
                model=self._model,
                normalizer=self._normalizer,
                fleet=self._fleet,
                record=self._record,
                trained_s=self._trained_s,
            )
        except OSError as error:
            text = (
                f"{kind} checkpoint not written: {error.strerror} ({self._run.checkpoints}); "
                "free some space or check the disk"
            )
            self._channel.send(
                Happened("checkpoint.failed", "critical", text, {"error": error.strerror})
            )
            raise SaveError(text) from error
        self._channel.send(
            CheckpointSaved(
                id=manifest.id,
                kind=kind,
                timesteps=manifest.timesteps,
                stage=manifest.stage,
                size_bytes=manifest.size_bytes,
                duration_s=time.monotonic() - began,
            )
        )
        return manifest

    def _end(self, kind: CheckpointKind, how: TrainerExit) -> TrainerExit:
        self._save(kind)
        self._channel.send(Phase("ending"))
        self._model.logger.close()
        return how
