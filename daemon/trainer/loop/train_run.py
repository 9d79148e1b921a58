"""Sets up a training: new, or resumed from the newest intact checkpoint."""

from __future__ import annotations

import os

from daemon.base.exitcodes import TrainerExit
from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import Newest, find_newest
from daemon.config.schema import Config
from daemon.protocol.trainer import EventReport, Hello
from daemon.trainer.algorithms import factory
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.channel import Channel
from daemon.trainer.checkpointing.rewind import rewind
from daemon.trainer.checkpointing.save_restore import Trained, restore_training, versions
from daemon.trainer.curriculum.record import first_record
from daemon.trainer.curriculum.training_plan import make_training_plan
from daemon.trainer.fleets import build_fleet
from daemon.trainer.health.finite_guards import NotFiniteError
from daemon.trainer.loop.training_loop import Training
from daemon.trainer.loop.warm_start import warm_start
from daemon.trainer.startup.progress import StartupProgress
from daemon.trainer.startup.steps import steps_after_compiling


def train_run(
    run: RunPaths,
    config: Config,
    channel: Channel,
    startup: StartupProgress,
    *,
    fresh: bool,
    until: int | None = None,
) -> TrainerExit:
    """Build the fleet, restore the newest intact checkpoint if there is one, and train.

    A run whose steps are done ends at once, completed. At `until` steps it pauses: a later call
    continues to the bit as if it had not, since what is planned counts to the run's own timesteps.
    The first rollout ends `startup`. Rewinds to a checkpoint after non-finite numbers. Raises
    UnusableError, DivergedError, SaveError, OSError.
    """
    plan = make_training_plan(config)
    newest = Newest(None, []) if fresh else find_newest(run.checkpoints)
    checkpoint = newest.whole
    channel.send(
        Hello(
            pid=os.getpid(),
            run_id=run.id,
            versions=versions(),
            resumed_from=checkpoint.id if checkpoint else None,
            timesteps=checkpoint.timesteps if checkpoint else 0,
        )
    )
    then = (
        f"resumes from {checkpoint.id}" if checkpoint else "starts from scratch: there is no other"
    )
    for damaged, reason in newest.skipped:
        text = f"{reason}; training {then}"
        channel.send(EventReport("checkpoint.damaged", "critical", text, {"id": damaged.name}))
    if checkpoint and checkpoint.kind == "final" and checkpoint.timesteps >= plan.timesteps:
        return TrainerExit.COMPLETED  # another final checkpoint would be the same
    startup.replan(steps_after_compiling(config, checkpoint.id if checkpoint else None))
    startup.next()
    fleet = build_fleet(config, plan.stages[plan.first - 1], config.run.n_envs)
    fleet.seed(config.run.seed)
    normalizer = build_normalizer(config, fleet, training=True)
    if checkpoint is None:
        model = factory.build(config, normalizer)
        trained = Trained(model, normalizer, fleet, first_record(plan.stages, plan.first))
        if config.run.warm_start == "reference":
            startup.next()
            if not warm_start(trained, config=config, plan=plan, channel=channel, startup=startup):
                return TrainerExit.INTERRUPTED
    else:
        startup.next()
        trained = restore_training(
            run.checkpoints / checkpoint.id,
            config,
            fleet=fleet,
            normalizer=normalizer,
            stages=plan.stages,
        )
    startup.next()
    resumed = checkpoint is not None
    while True:
        training = Training(
            run, config, plan, channel, trained, startup=startup, resumed=resumed, until=until
        )
        try:
            return training.run()
        except NotFiniteError as error:
            trained = rewind(
                error, trained, run=run, config=config, stages=plan.stages, channel=channel
            )
            resumed = True
