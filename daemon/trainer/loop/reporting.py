"""Reports after each iteration: scalars, progress, episodes that ran out of time."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

from stable_baselines3.common.base_class import BaseAlgorithm

from daemon.config.schema import Config
from daemon.protocol.trainer import Progress
from daemon.trainer.algorithms.ppo import TimeSpent
from daemon.trainer.channel import Channel
from daemon.trainer.curriculum.controller import CurriculumController
from daemon.trainer.curriculum.decide import stage_progress
from daemon.trainer.curriculum.training_plan import TrainingPlan
from daemon.trainer.loop.clock import running_s
from daemon.trainer.loop.episode_log import EpisodeLog
from daemon.trainer.metrics import Speed, TimeoutLog, record_episodes
from daemon.trainer.startup.progress import StartupProgress
from env.fleet import Episode

ETA_FROM_PROGRESS = 0.05  # no estimate below this progress


@dataclass(frozen=True)
class FlownEpisodes:
    """The episodes of an iteration."""

    episodes: list[Episode]  # of the current difficulty
    rehearsed: list[Episode]  # easier ones


class Reporter:
    """Writes to SB3's logger and to the supervisor."""

    def __init__(
        self, config: Config, plan: TrainingPlan, channel: Channel, startup: StartupProgress
    ) -> None:
        self._config, self._plan, self._channel = config, plan, channel
        self._startup = startup
        self._speed = Speed()
        self._timeouts = TimeoutLog()
        self._episodes = EpisodeLog()

    def begin(self, timesteps: int) -> None:
        """Start measuring the speed."""
        self._speed.mark(running_s(), timesteps)

    def iteration(
        self,
        model: BaseAlgorithm,
        curriculum: CurriculumController,
        flown: FlownEpisodes,
        spent: TimeSpent,
        trained_s: float,
    ) -> None:
        """Send scalars to TensorBoard and the supervisor, then the heartbeat."""
        self._speed.mark(running_s(), model.num_timesteps)
        logger, record = model.logger, curriculum.record
        record_episodes(logger, flown.episodes)
        if flown.rehearsed:
            rate = sum(episode.success for episode in flown.rehearsed) / len(flown.rehearsed)
            logger.record("rehearsal/success_rate", rate)
        # Only with a full window: the first episodes to end are crashes.
        if len(record.successes) == self._config.curriculum.window_episodes:
            logger.record("episode/success_rate_100", record.success_rate)
            logger.record("curriculum/reward_100", record.reward_mean)
            if record.gate_passed and record.success_rate is not None:
                margin = record.success_rate - curriculum.stage.gate_success_rate
                logger.record("curriculum/gate_margin", margin)
        logger.record("curriculum/current_stage", record.stage)
        logger.record("curriculum/difficulty", curriculum.difficulty)
        logger.record("curriculum/regressions", record.regressions)
        logger.record("time/fps", self._speed.steps_per_s)
        logger.record("time/trained_s", trained_s)
        whole_s = sum(asdict(spent).values())
        for name, seconds in asdict(spent).items():
            if whole_s > 0.0:
                logger.record(f"time/{name.removesuffix('_s')}_share", seconds / whole_s)
        logger.dump(model.num_timesteps)
        self._startup.end()
        self._channel.send(self._progress(model.num_timesteps, curriculum, trained_s))
        every = [*flown.episodes, *flown.rehearsed]
        if late := self._timeouts.add(every, time.monotonic()):
            self._channel.send(late)
        if ended := self._episodes.add(every, model.num_timesteps, time.monotonic()):
            self._channel.send(ended)

    def end(self) -> None:
        """Report the episodes that have not been reported yet."""
        if ended := self._episodes.rest():
            self._channel.send(ended)

    def _progress(
        self, timesteps: int, curriculum: CurriculumController, trained_s: float
    ) -> Progress:
        speed = self._speed.steps_per_s
        record, stage = curriculum.record, curriculum.stage
        left = max(self._plan.timesteps - timesteps, 0)
        progress = stage_progress(record, stage, self._config.curriculum)
        in_stage_s = trained_s - record.started_wall_s
        known = ETA_FROM_PROGRESS <= progress < 1.0 and self._plan.gated
        return Progress(
            time_s=time.time(),
            timesteps=timesteps,
            total_timesteps=self._plan.timesteps,
            stage=record.stage,
            stages=len(self._plan.stages),
            stage_name=stage.name,
            stage_timesteps=timesteps - record.started_timesteps,
            episodes=record.stage_episodes,
            success_rate=record.success_rate,
            reward_mean=record.reward_mean,
            gate_success_rate=stage.gate_success_rate,
            gate_mean_reward=stage.gate_mean_reward,
            gate_passed=record.gate_passed,
            mastery_success_rate=stage.mastery_success_rate,
            ramp_step=record.ramp_step,
            ramp_steps=stage.ramp_steps,
            ramp_success_rate=self._config.curriculum.ramp_success_rate,
            attempt=record.attempt,
            gate_eta_s=in_stage_s * (1.0 - progress) / progress if known else None,
            steps_per_s=speed,
            eta_s=left / speed if speed > 0 else None,
            phase="collecting",
            window_episodes=self._config.curriculum.window_episodes,
            trained_s=trained_s,
        )
