"""The training loop: rollouts, gates, checkpoints and reports, until done or stopped."""

from __future__ import annotations

from stable_baselines3.common.callbacks import BaseCallback, CallbackList

from daemon.base.exitcodes import TrainerExit
from daemon.base.paths import RunPaths
from daemon.checkpoint.manifest import Manifest
from daemon.config.schema import CheckpointKind, Config
from daemon.protocol.trainer import Phase, Save, Stop
from daemon.runs.evaluations import EvaluationResult
from daemon.trainer.algorithms import factory
from daemon.trainer.channel import Channel
from daemon.trainer.checkpointing.ancestors import newest_gate
from daemon.trainer.checkpointing.best_score import score_of
from daemon.trainer.checkpointing.save_restore import Trained, load_parameters
from daemon.trainer.checkpointing.schedule import CheckpointScheduler
from daemon.trainer.curriculum.controller import CurriculumController
from daemon.trainer.curriculum.decide import Call, Decision
from daemon.trainer.curriculum.training_plan import TrainingPlan
from daemon.trainer.evaluation.periodic import Evaluator
from daemon.trainer.health.divergence import DivergenceWatch, measure, to_event
from daemon.trainer.health.finite_guards import FlightGuard, check_update, guard_updates
from daemon.trainer.loop.clock import running_s
from daemon.trainer.loop.freed_memory import return_freed_memory
from daemon.trainer.loop.reporting import FlownEpisodes, Reporter
from daemon.trainer.loop.tensorboard_run import describe_run, record_end
from daemon.trainer.loop.warm_start import begin_flights
from daemon.trainer.metrics import build_logger
from daemon.trainer.startup.progress import StartupProgress
from env.fleet import Episode
from env.task.observation import observation_table

NEVER = 2**62  # disables SB3's log dump before the update; ours comes after it


class EpisodeCollector(BaseCallback):
    """Collects the episodes that end during a rollout, and reports when learning begins."""

    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self._channel = channel
        self.episodes: list[Episode] = []

    def _on_step(self) -> bool:
        for i in self.locals["dones"].nonzero()[0]:
            self.episodes.append(self.locals["infos"][i]["lander"])
        return True

    def _on_rollout_end(self) -> None:
        self._channel.send(Phase("learning"))

    def take(self) -> list[Episode]:
        """Return the episodes since the last call."""
        episodes, self.episodes = self.episodes, []
        return episodes


class Training:
    """One run's training in this process. Its first rollout ends `startup`.

    `resumed`: `trained` comes from a checkpoint, in the middle of a stage. `until`: steps at which
    it pauses; None: it trains to the plan's end.
    """

    def __init__(
        self,
        run: RunPaths,
        config: Config,
        plan: TrainingPlan,
        channel: Channel,
        trained: Trained,
        *,
        startup: StartupProgress,
        resumed: bool,
        until: int | None = None,
    ) -> None:
        self._run, self._config, self._plan, self._channel = run, config, plan, channel
        self._trained, self._model, self._resumed = trained, trained.model, resumed
        self._until = plan.timesteps if until is None else min(until, plan.timesteps)
        self._began_s = running_s() - trained.trained_s
        self._curriculum = CurriculumController(
            config, plan, channel, trained.fleet, trained.record
        )
        self._collector = EpisodeCollector(channel)
        table = observation_table(trained.fleet.settings.vehicle)
        guard = FlightGuard(trained.normalizer, [row.name for row in table])
        guard_updates(trained.model)
        factory.anneal(trained.model, config, plan.timesteps)
        self._callback = CallbackList([guard, self._collector])
        self._divergence = DivergenceWatch(config.divergence, trained.divergence)
        self._startup, self._reporter = startup, Reporter(config, plan, channel, startup)
        self._scheduler = CheckpointScheduler(run, config, channel, self._model.num_timesteps)
        self._evaluator = Evaluator(run, config, channel)
        self._model.set_logger(build_logger(run.tensorboard, channel, trained.measured))

    def run(self) -> TrainerExit:
        """Train until the plan is fulfilled, a pause, an order to stop, or the supervisor is gone.

        Raises SaveError if the last checkpoint cannot be written; for other checkpoints this is
        reported, and the training continues. Raises NotFiniteError.
        """
        describe_run(self._run, self._config)
        if not self._resumed:
            self._curriculum.begin()
        else:
            self._curriculum.set_difficulty()  # in a fork it may be another
        exit_code = None
        if self._trained.warm_start_steps and self._model.num_timesteps == 0:
            exit_code = self._place_clone()
        elif self._resumed:
            # The checkpoint may have been saved before, during or after these actions.
            exit_code = self._between_rollouts()
        if exit_code is not None:
            return exit_code
        self._reporter.begin(self._model.num_timesteps)
        while self._model.num_timesteps < self._until:
            self._iterate()
            if (exit_code := self._between_rollouts()) is not None:
                return exit_code
            timesteps = self._model.num_timesteps
            # After the last iteration the final checkpoint follows.
            if self._scheduler.is_due(timesteps) and timesteps < self._until:
                self._save_or_report("interval")
        if self._until < self._plan.timesteps:
            return self._end("stop", TrainerExit.PAUSED)
        return self._end("final", TrainerExit.COMPLETED)

    def _place_clone(self) -> TrainerExit | None:
        """Pass the gates that the clone's mean action holds, and begin in the first other stage.

        Idempotent: after an interruption a resumed training continues with the next gate. Returns
        the exit code if the training ended, else None.
        """
        curriculum, timesteps = self._curriculum, self._model.num_timesteps
        begin_flights(self._trained, self._config.run.seed)
        if not self._resumed:
            self._save_or_report("cloned")
        while (exit_code := self._handle_orders()) is None and self._plan.gated:
            if not curriculum.record.gate_passed:
                curriculum.skip_ramp()
                confirmed = self._confirm_gate()
                if confirmed is None:
                    continue  # an order interrupted it
                if not confirmed:
                    curriculum.restart_ramp()
                    break
            if curriculum.in_last_stage:
                break
            curriculum.advance("the clone holds the gate", timesteps, self._trained_s)
        if exit_code is not None:
            return exit_code
        curriculum.rehearse(timesteps)
        begin_flights(self._trained, self._config.run.seed)
        if not self._resumed:
            self._startup.next()
        return None

    def _between_rollouts(self) -> TrainerExit | None:
        """Handle orders and apply curriculum decisions until nothing is left to do.

        Idempotent: after an interruption a resumed training continues in the same way. Returns
        the exit code if the training ended, else None.
        """
        while (exit_code := self._handle_orders()) is None:
            if not self._plan.gated:
                break
            timesteps = self._model.num_timesteps
            decision = self._curriculum.decide(timesteps)
            mastered = decision.call is Call.ADVANCE and self._curriculum.in_last_stage
            ends = mastered or timesteps >= self._plan.timesteps
            calm = mastered or decision.call is Call.TRAIN_ON
            if calm and self._evaluation_is_due(timesteps, ends=ends):
                self._evaluate(self._config.evaluation.episodes)
            elif mastered:
                self._curriculum.finish(decision.reason)
                return self._end("final", TrainerExit.COMPLETED)
            elif decision.call is Call.TRAIN_ON:
                break
            else:
                self._apply(decision)
        return exit_code

    def _handle_orders(self) -> TrainerExit | None:
        """Handle pending orders; returns the exit code if the training ends, else None."""
        for order in self._channel.poll():
            match order:
                case Stop(only_if_saved=True):
                    if self._save_or_report("stop") is not None:
                        return self._leave(TrainerExit.STOPPED)
                case Stop():
                    return self._end("stop", TrainerExit.STOPPED)
                case Save(kind=kind):
                    self._save_or_report(kind)
        return self._end("stop", TrainerExit.ORPHANED) if self._channel.orphaned else None

    def _apply(self, decision: Decision) -> None:
        """Apply a curriculum decision."""
        curriculum, timesteps = self._curriculum, self._model.num_timesteps
        match decision.call:
            case Call.HARDEN:
                curriculum.advance_ramp(decision.reason)
            case Call.CONFIRM:
                self._try_gate(decision.reason)
            case Call.ADVANCE:
                curriculum.advance(decision.reason, timesteps, self._trained_s)
            case Call.RETRY:
                curriculum.retry(decision.reason, timesteps)
            case Call.REGRESS:
                self._regress(decision.reason)

    @property
    def _trained_s(self) -> float:
        return running_s() - self._began_s

    def _iterate(self) -> None:
        """One rollout and its update, then the checks and reports that follow."""
        model, timesteps = self._model, self._model.num_timesteps
        # A save or an evaluation has changed the phase.
        self._channel.send(Phase("collecting"))
        self._curriculum.rehearse(timesteps)
        model.learn(
            factory.steps_per_iteration(self._config),
            callback=self._callback,
            log_interval=NEVER,
            reset_num_timesteps=False,
        )
        check_update(model)
        return_freed_memory()
        flown = self._collector.take()
        counted = self._curriculum.add(flown)
        rehearsed = [e for e in flown if e.difficulty < self._curriculum.difficulty]
        spent = factory.time_spent(model)
        self._watch_divergence([episode.reward for episode in counted])
        self._reporter.iteration(
            model, self._curriculum, FlownEpisodes(counted, rehearsed), spent, self._trained_s
        )

    def _watch_divergence(self, rewards: list[float]) -> None:
        record = self._curriculum.record
        sample = measure(
            self._model.logger.name_to_value,
            timesteps=self._model.num_timesteps,
            rewards=rewards,
            difficulty=(record.stage, record.ramp_step),
        )
        for finding in self._divergence.add(sample):
            self._channel.send(to_event(finding))

    def _try_gate(self, reason: str) -> None:
        self._curriculum.confirming(reason)
        self._confirm_gate()

    def _confirm_gate(self) -> bool | None:
        """Judge the mean action at the gate; None if an order interrupted its evaluation."""
        result = self._evaluate(self._config.curriculum.confirm_episodes)
        if result is None:
            return None
        confirmed = self._curriculum.confirmed(
            result.success_rate.mean,
            result.reward.mean,
            self._model.num_timesteps,
            self._trained_s,
        )
        if confirmed:
            self._save_or_report("gate")
        return confirmed

    def _evaluation_is_due(self, timesteps: int, *, ends: bool) -> bool:
        """At intervals, and before the end: the last model may be the best."""
        since = timesteps - self._trained.evaluated_timesteps
        due = since >= self._config.evaluation.interval_timesteps or (ends and since > 0)
        return due and not self._curriculum.on_ramp

    def _evaluate(self, episodes: int) -> EvaluationResult | None:
        """Evaluate the mean action, and save the model if it is the best; None if interrupted."""
        trained, number = self._trained, self._curriculum.record.stage
        result = self._evaluator.fly(
            self._model,
            trained.normalizer,
            number=number,
            stage=self._curriculum.stage,
            episodes=episodes,
        )
        if result is None:
            return None
        trained.evaluated_timesteps = self._model.num_timesteps
        score = score_of(number, result.success_rate, result.reward)
        if trained.best is None or score > trained.best:
            trained.best = score
            self._model.logger.record("eval/best_success_rate", result.success_rate.mean)
            self._model.logger.dump(self._model.num_timesteps)
            self._save_or_report("best")
        return result

    def _regress(self, reason: str) -> None:
        gate = newest_gate(self._run, self._curriculum.record.stage - 1)
        if gate is not None:
            load_parameters(gate, self._model, self._trained.normalizer)
        model_of = None if gate is None else gate.name
        self._curriculum.regress(reason, model_of, self._model.num_timesteps, self._trained_s)

    def _save_or_report(self, kind: CheckpointKind) -> Manifest | None:
        return self._scheduler.save_or_report(kind, self._now())

    def _now(self) -> Trained:
        """The current state, as saved in a checkpoint."""
        self._trained.record = self._curriculum.record
        self._trained.trained_s = self._trained_s
        self._trained.divergence = self._divergence.state
        return self._trained

    def _end(self, kind: CheckpointKind, exit_code: TrainerExit) -> TrainerExit:
        self._scheduler.save(kind, self._now())
        return self._leave(exit_code)

    def _leave(self, exit_code: TrainerExit) -> TrainerExit:
        self._reporter.end()
        self._channel.send(Phase("ending"))
        self._model.logger.close()
        record_end(self._run, completed=exit_code is TrainerExit.COMPLETED)
        return exit_code
