"""Evaluations during a training: the mean action on seeds that training never uses."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.logger import Image
from stable_baselines3.common.vec_env import VecNormalize

from daemon.base.paths import RunPaths
from daemon.base.text.counted import counted
from daemon.config.schema import Config, Stage
from daemon.protocol.trainer import EventReport, Phase
from daemon.runs.evaluations import EvaluationResult, save_evaluation
from daemon.runs.trajectories import encode_trajectories
from daemon.trainer.channel import Channel
from daemon.trainer.evaluation.flight import Flown
from daemon.trainer.evaluation.fly import fly
from daemon.trainer.evaluation.fly_episodes import seeded_flights, summarize
from daemon.trainer.evaluation.policy_pilot import PolicyPilot
from daemon.trainer.evaluation.provenance import describe_provenance
from daemon.trainer.evaluation.shrinking import ShrinkingFleet
from daemon.trainer.evaluation.touchdown_picture import touchdown_picture
from daemon.trainer.evaluation.trajectories import trajectories_of
from daemon.trainer.fleets import build_fleet
from daemon.trainer.flyable import start_conditions

HEARTBEAT_S = 10.0


class EvaluationProgress:
    """Reports while episodes are flown: on a slow machine a silent trainer is killed as hung.

    `clock`: seconds.
    """

    def __init__(
        self,
        channel: Channel,
        stage: int,
        episodes: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._channel, self._clock = channel, clock
        self._stage, self._episodes = stage, episodes
        self._report(0)

    def go_on(self, ended: int) -> bool:
        """Report at intervals that `ended` episodes have ended; False: an order is pending."""
        if self._clock() - self._reported_s >= HEARTBEAT_S:
            self._report(ended)
        return not self._channel.interrupted()

    def _report(self, ended: int) -> None:
        self._reported_s = self._clock()
        text = f"stage {self._stage}: mean action, {ended} of {counted(self._episodes, 'episode')}"
        self._channel.send(Phase("evaluating", text))


class Evaluator:
    """Evaluates on a separate fleet, so that the training's episodes are not interrupted."""

    def __init__(self, run: RunPaths, config: Config, channel: Channel) -> None:
        self._run, self._config, self._channel = run, config, channel
        self._fleets: ShrinkingFleet | None = None

    def fly(
        self,
        model: BaseAlgorithm,
        normalizer: VecNormalize,
        *,
        number: int,
        stage: Stage,
        episodes: int,
    ) -> EvaluationResult | None:
        """Fly stage `number` and store the result; None if an order interrupted it.

        With more episodes than landers each flies several. A result that cannot be written is
        reported, and returned nevertheless.
        """
        progress = EvaluationProgress(self._channel, number, episodes)
        if self._fleets is None:
            size = min(episodes, self._config.run.n_envs)
            self._fleets = ShrinkingFleet(build_fleet(self._config, stage, size))
        start = start_conditions(stage)
        self._fleets.whole.set_start(start)
        first_seed = self._config.evaluation.seed
        pilot = PolicyPilot(model, normalizer)
        flights = seeded_flights(first_seed, episodes)
        flown: list[Flown] = []
        for ended in fly(pilot, self._fleets, start, flights, record=True):
            flown += ended
            if not progress.go_on(len(flown)):
                break
        if len(flown) < episodes:
            return None
        flown.sort()
        episodes_flown = [one.episode for one in flown]
        result = summarize(
            episodes_flown,
            run_id=self._run.id,
            pilot=f"{model.num_timesteps}-steps",
            created_s=time.time(),
            vehicle=self._config.fleet.vehicle,
            stage=number,
            stage_name=stage.name,
            first_seed=first_seed,
            provenance=describe_provenance(
                self._config,
                stage,
                policy=pilot.digest,
                first_seed=first_seed,
                episodes=episodes,
            ),
        )
        self._report(result)
        try:
            content = encode_trajectories(
                trajectories_of(flown, self._fleets.whole.settings.vehicle)
            )
            save_evaluation(self._run.evaluations, result, content)
        except OSError as error:
            text = f"evaluation not written: {error.strerror} ({self._run.evaluations})"
            body: dict[str, Any] = {"error": error.strerror}
            self._channel.send(EventReport("evaluation.failed", "warning", text, body))
        model.logger.record("eval/success_rate", result.success_rate.mean)
        model.logger.record("eval/mean_reward", result.reward.mean)
        if result.distance_m is not None:
            model.logger.record("eval/distance_m", result.distance_m.mean)
        picture = Image(touchdown_picture(episodes_flown), "HWC")
        model.logger.record("eval/touchdowns", picture)  # of TensorBoard alone
        model.logger.dump(model.num_timesteps)
        return result

    def _report(self, result: EvaluationResult) -> None:
        success, reward = result.success_rate, result.reward
        text = (
            f"stage {result.stage}, {result.stage_name}: {success.mean:.0%} of {result.episodes} "
            f"landed by mean action, mean reward {reward.mean:.0f}"
        )
        body: dict[str, Any] = {
            "checkpoint": result.pilot,
            "stage": result.stage,
            "success_rate": success.mean,
            "success_low": success.low,
            "reward_mean": reward.mean,
        }
        self._channel.send(EventReport("evaluation.done", "info", text, body))
