"""A warm start: the pilot is cloned into a new model, and the clone begins in its first training
stage.
"""

from __future__ import annotations

from daemon.config.schema import Config
from daemon.protocol.trainer import EventReport
from daemon.trainer.algorithms.ppo import FleetPPO
from daemon.trainer.channel import Channel
from daemon.trainer.checkpointing.save_restore import Trained, continue_flight
from daemon.trainer.cloning.clone import Cloning
from daemon.trainer.cloning.plan import REFERENCE
from daemon.trainer.curriculum.training_plan import TrainingPlan
from daemon.trainer.startup.progress import StartupProgress


def warm_start(
    trained: Trained,
    *,
    config: Config,
    plan: TrainingPlan,
    channel: Channel,
    startup: StartupProgress,
) -> bool:
    """Clone the reference pilot into the new model; False if an order to stop interrupted it.

    Raises UnusableConfigError.
    """

    def go_on(done: int, total: int) -> bool:
        startup.advance(done, total)
        return not channel.stop_requested()

    assert isinstance(trained.model, FleetPPO)
    cloning = Cloning(
        trained.model, trained.normalizer, config=config, training=plan, plan=REFERENCE
    )
    try:
        cloned = cloning.run(go_on)
    finally:
        cloning.close()
    if cloned is None:
        return False
    trained.warm_start_steps = cloned.environment_steps
    trained.trained_s = cloned.seconds
    text = (
        f"the reference pilot is cloned: {cloned.environment_steps:,} steps flown, "
        f"{cloned.samples:,} samples, loss {cloned.loss:.3f}, {cloned.seconds:.0f} s"
    )
    body: dict[str, bool | int | float | str | None] = {
        "warm_start_steps": cloned.environment_steps,
        "samples": cloned.samples,
        "loss": cloned.loss,
        "explained_variance": cloned.explained_variance,
        "seconds": cloned.seconds,
    }
    channel.send(EventReport("warmstart.cloned", "info", text, body))
    return True


def begin_flights(trained: Trained, seed: int) -> None:
    """Begin every lander's first episode, as the fleet's start conditions are now."""
    trained.fleet.seed(seed)
    trained.normalizer.old_obs = trained.fleet.reset()
    continue_flight(trained.model, trained.normalizer)
