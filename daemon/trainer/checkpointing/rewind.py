"""What follows numbers that are not finite: back to the newest checkpoint that has none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from stable_baselines3.common.save_util import load_from_zip_file

from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import find_newest
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest, verify
from daemon.config.schema import Config, Stage
from daemon.protocol.trainer import EventReport
from daemon.trainer.channel import Channel
from daemon.trainer.checkpointing.save_restore import Trained, restore_training
from daemon.trainer.health.errors import DivergedError
from daemon.trainer.health.finite_guards import NotFiniteError, find_broken
from daemon.trainer.health.rewind_limit import GiveUp, judge
from env.state.archive import open_archive

BEGIN_ANEW = "begin anew with another run.seed or a lower learning_rate (landerctl start --fresh)"


def go_back(
    error: NotFiniteError,
    trained: Trained,
    *,
    run: RunPaths,
    config: Config,
    stages: Sequence[Stage],
    channel: Channel,
) -> Trained:
    """Tell of `error`, and take up the newest checkpoint whose numbers are all finite.

    Fleet and normalizer stay the same objects, the model is another. Random generators move on:
    from where they were the same numbers would come again, and with them the fault. Raises
    DivergedError where there is no way back, UnusableCheckpointError, OSError.
    """
    timesteps = trained.model.num_timesteps
    newest = find_newest(run.checkpoints, check_finite)
    for folder, reason in newest.skipped:
        text = f"{reason}; passed over on the way back"
        channel.send(EventReport("checkpoint.damaged", "critical", text, {"id": folder.name}))
    if newest.whole is None:
        reason = f"there is no checkpoint to go back to: {BEGIN_ANEW}"
        raise _give_up(error, timesteps, reason, channel)
    verdict = judge(trained.returns, timesteps, config.guards)
    if isinstance(verdict, GiveUp):
        reason = f"{verdict.reason}: go back further (landerctl rollback --to ID), or {BEGIN_ANEW}"
        raise _give_up(error, timesteps, reason, channel)
    then = f"training goes back to {newest.whole.id}"
    channel.send(_event(error, timesteps, newest.whole.id, then))
    back = restore_training(
        run.checkpoints / newest.whole.id,
        config,
        fleet=trained.fleet,
        normalizer=trained.normalizer,
        stages=stages,
    )
    back.model.set_random_seed(next_seed(config.run.seed, timesteps, verdict.count))
    back.returns = verdict
    return back


def check_finite(folder: Path) -> Manifest:
    """Verify a checkpoint and look at each of its numbers.

    Raises DamagedCheckpointError naming what is not as it should be, OSError. This unpickles what
    digests vouch for.
    """
    manifest = verify(folder)
    if broken := find_not_finite(folder, manifest):
        raise DamagedCheckpointError(f"{folder.name}: {broken} is not finite")
    return manifest


def find_not_finite(folder: Path, manifest: Manifest) -> str | None:
    """File and name of a number in a verified checkpoint that is NaN or infinite, if any is.

    Raises OSError. This unpickles.
    """
    _, parameters, variables = load_from_zip_file(folder / "model.zip", device="cpu")
    found = {"model.zip": find_broken(parameters) or find_broken(variables or {})}
    for file in sorted({"vecnormalize.npz", "replay_buffer.npz"} & manifest.files.keys()):
        with open_archive(folder / file) as arrays:
            found[file] = _broken_array(arrays)
    return next((f"{file}: {broken}" for file, broken in found.items() if broken), None)


def next_seed(run_seed: int, timesteps: int, count: int) -> int:
    """A seed that no return of the run has had: of 32 bits, the same in a repeated run."""
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


def _broken_array(arrays: Mapping[str, np.ndarray[Any, Any]]) -> str | None:
    return next((name for name, array in arrays.items() if not np.isfinite(array).all()), None)
