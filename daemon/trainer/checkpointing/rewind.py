"""After non-finite numbers: rewind to the newest checkpoint with only finite numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import find_newest
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest, verify
from daemon.config.schema import Config, Stage
from daemon.protocol.trainer import EventReport
from daemon.trainer.algorithms.model_archive import read_archive
from daemon.trainer.channel import Channel
from daemon.trainer.checkpointing.save_restore import Trained, restore_training
from daemon.trainer.health.errors import DivergedError
from daemon.trainer.health.finite_guards import NotFiniteError, find_broken
from daemon.trainer.health.rewind_limit import GiveUp, judge
from env.state.archive import open_archive, reading

START_AGAIN = (
    "start a new run with another run.seed or a lower learning_rate (landerctl start --fresh)"
)


def rewind(
    error: NotFiniteError,
    trained: Trained,
    *,
    run: RunPaths,
    config: Config,
    stages: Sequence[Stage],
    channel: Channel,
) -> Trained:
    """Report `error`, and restore the newest checkpoint whose numbers are all finite.

    Fleet and normalizer stay the same objects, the model is a new one. The random generators get a
    new seed, since with the old one the fault would recur. Raises DivergedError if no checkpoint
    is left to rewind to, UnusableCheckpointError, OSError.
    """
    timesteps = trained.model.num_timesteps
    newest = find_newest(run.checkpoints, check_finite)
    for folder, reason in newest.skipped:
        text = f"{reason}; skipped by the rewind"
        channel.send(EventReport("checkpoint.damaged", "critical", text, {"id": folder.name}))
    if newest.whole is None:
        reason = f"there is no checkpoint to rewind to: {START_AGAIN}"
        raise _give_up(error, timesteps, reason, channel)
    verdict = judge(trained.rewinds, timesteps, config.guards)
    if isinstance(verdict, GiveUp):
        reason = (
            f"{verdict.reason}: roll back further (landerctl rollback --to ID), or {START_AGAIN}"
        )
        raise _give_up(error, timesteps, reason, channel)
    then = f"training rewinds to {newest.whole.id}"
    channel.send(_event(error, timesteps, newest.whole.id, then))
    back = restore_training(
        run.checkpoints / newest.whole.id,
        config,
        fleet=trained.fleet,
        normalizer=trained.normalizer,
        stages=stages,
    )
    back.model.set_random_seed(next_seed(config.run.seed, timesteps, verdict.count))
    back.rewinds = verdict
    return back


def check_finite(folder: Path) -> Manifest:
    """Verify a checkpoint's digests, and that all its numbers are finite.

    Raises DamagedCheckpointError naming the fault, OSError.
    """
    manifest = verify(folder)
    if broken := find_not_finite(folder, manifest):
        raise DamagedCheckpointError(f"{folder.name}: {broken} is not finite")
    return manifest


def find_not_finite(folder: Path, manifest: Manifest) -> str | None:
    """File and name of a NaN or infinite number in a verified checkpoint, or None.

    Raises DamagedCheckpointError naming a file that cannot be read, OSError.
    """
    # A fork that begins anew has not all of them.
    numbers = {"model.zip", "vecnormalize.npz", "replay_buffer.npz"} & manifest.files.keys()
    for name in sorted(numbers):
        try:
            with reading():
                broken = _broken_in(folder / name)
        except ValueError as error:
            raise DamagedCheckpointError(f"{manifest.id}: {name}: {error}") from error
        if broken:
            return f"{name}: {broken}"
    return None


def next_seed(run_seed: int, timesteps: int, count: int) -> int:
    """A 32-bit seed, different for each rewind of the run, reproducible in a repeated run."""
    return int(np.random.SeedSequence([run_seed, timesteps, count]).generate_state(1)[0])


def _give_up(error: NotFiniteError, timesteps: int, reason: str, channel: Channel) -> DivergedError:
    channel.send(_event(error, timesteps, None, reason))
    return DivergedError(f"{error}, at {timesteps:,} steps; {reason}")


def _event(error: NotFiniteError, timesteps: int, checkpoint: str | None, then: str) -> EventReport:
    body: dict[str, Any] = {
        "what": error.what,
        "where": error.where,
        "timesteps": timesteps,
        "checkpoint": checkpoint,
    }
    text = f"{error}, at {timesteps:,} steps; {then}"
    return EventReport("training.not_finite", "critical", text, body)


def _broken_in(file: Path) -> str | None:
    if file.name == "model.zip":
        model = read_archive(file)
        return find_broken(model.parameters) or find_broken(model.variables)
    with open_archive(file) as arrays:
        return next((name for name in arrays if not np.isfinite(arrays[name]).all()), None)
