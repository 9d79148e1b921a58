"""A training in this process: new, or going on from the newest whole checkpoint."""

from __future__ import annotations

import os
from pathlib import Path

from daemon.checkpoint.catalog import Newest, find_newest
from daemon.config.schema import Config
from daemon.exitcodes import TrainerExit
from daemon.paths import RunPaths
from daemon.protocol.trainer import Happened, Hello, Phase
from daemon.trainer import algorithms
from daemon.trainer.channel import Channel
from daemon.trainer.curriculum import StageRecord
from daemon.trainer.fleets import build_fleet
from daemon.trainer.normalizer import build_normalizer
from daemon.trainer.plan import make_plan
from daemon.trainer.saving import load_model, load_state, restore_random, versions
from daemon.trainer.training import Training


def train_run(run: RunPaths, config: Config, channel: Channel, *, fresh: bool) -> TrainerExit:
    """Build everything, restore the newest whole checkpoint where there is one, and train.

    Raises UnusableError and OSError.
    """
    plan = make_plan(config)
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
    then = f"from {checkpoint.id}" if checkpoint else "from scratch: there is no other"
    for damaged, reason in newest.passed_over:
        text = f"{reason}; training goes on {then}"
        channel.send(Happened("checkpoint.damaged", "critical", text, {"id": damaged.name}))
    channel.send(Phase("compiling", f"{config.run.n_envs} landers, {config.fleet.threads} threads"))
    fleet = build_fleet(config, plan.stages[0], config.run.n_envs)
    fleet.seed(config.run.seed)
    normalizer = build_normalizer(config, fleet, training=True)
    if checkpoint is None:
        model = algorithms.build(config, normalizer)
        record, trained_s = StageRecord(1, 0, 0.0), 0.0
    else:
        channel.send(Phase("restoring", checkpoint.id))
        folder: Path = run.checkpoints / checkpoint.id
        state = load_state(folder)
        model = load_model(folder, config, normalizer, replay=True)
        restore_random(state, fleet)
        record, trained_s = state.record, state.trained_s
    return Training(
        run=run,
        config=config,
        plan=plan,
        channel=channel,
        fleet=fleet,
        normalizer=normalizer,
        model=model,
        record=record,
        trained_s=trained_s,
    ).run()
