"""Saving a training to a checkpoint, and restoring it bit by bit."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecNormalize

from daemon.base.paths import RunPaths
from daemon.checkpoint.commit import commit_checkpoint
from daemon.checkpoint.environment_version import environment_fault, environment_versions
from daemon.checkpoint.manifest import MANIFEST, Manifest, decode_manifest, read_record_file
from daemon.checkpoint.measured import STATE_FILE, Measurement
from daemon.config.schema import CheckpointKind, Config, Stage
from daemon.trainer.algorithms import factory
from daemon.trainer.algorithms.model_archive import apply_parameters, read_archive
from daemon.trainer.algorithms.normalizer import (
    load_statistics,
    reset_return_statistics,
    reset_statistics,
    save_statistics,
)
from daemon.trainer.algorithms.off_policy import FleetOffPolicy
from daemon.trainer.algorithms.ppo import FleetPPO
from daemon.trainer.checkpointing.best_score import Score
from daemon.trainer.checkpointing.random_state import capture_random, restore_random
from daemon.trainer.checkpointing.replay_archive import load_replay, save_replay
from daemon.trainer.checkpointing.training_state import TrainingState, decode_state
from daemon.trainer.curriculum.record import StageRecord
from daemon.trainer.health.divergence import DivergenceState
from daemon.trainer.health.errors import UnusableCheckpointError
from daemon.trainer.health.rewind_limit import RewindCount
from env.fleet import LanderFleet
from env.state.archive import reading
from env.state.snapshot import FleetSnapshot

PACKAGES = ("landerctl", "bsk", "stable_baselines3", "torch", "gymnasium", "numba", "numpy")


@cache
def versions() -> dict[str, str]:
    """Versions of the packages that affect a training's results, and of the environment."""
    found = {name: version(name) for name in PACKAGES}
    return {"python": platform.python_version()} | environment_versions() | found


@dataclass
class Trained:
    """A training between two rollouts: a checkpoint's content without the random state."""

    model: BaseAlgorithm
    normalizer: VecNormalize
    fleet: LanderFleet
    record: StageRecord
    trained_s: float = 0.0  # wall time of this run, over all processes
    best: Score | None = None
    evaluated_timesteps: int = 0
    divergence: DivergenceState = field(default_factory=DivergenceState)
    rewinds: RewindCount = field(default_factory=RewindCount)
    buffer_began: int = 0  # timesteps at which the replay buffer began empty
    measured: dict[str, Measurement] = field(default_factory=dict)  # by metric, the newest
    warm_start_steps: int = 0  # flown to clone the pilot into this model


def save_checkpoint(
    run: RunPaths, config: Config, kind: CheckpointKind, trained: Trained
) -> Manifest:
    """Commit the training's state at the end of a rollout. Raises OSError."""
    model, record = trained.model, trained.record
    state = TrainingState(
        timesteps=model.num_timesteps,
        trained_s=trained.trained_s,
        record=record,
        best=trained.best,
        evaluated_timesteps=trained.evaluated_timesteps,
        divergence=trained.divergence,
        returns=trained.rewinds,
        random=capture_random(),
        buffer_began=trained.buffer_began,
        measured=trained.measured,
        warm_start_steps=trained.warm_start_steps,
    )

    def build(folder: Path) -> None:
        model.save(folder / "model.zip")
        trained.normalizer.save(str(folder / "vecnormalize.pkl"))
        save_statistics(trained.normalizer, folder / "vecnormalize.npz")
        trained.fleet.snapshot().save(folder / "fleet.npz")
        if isinstance(model, FleetOffPolicy):
            assert model.replay_buffer is not None
            save_replay(model.replay_buffer, folder / "replay_buffer.npz")
        (folder / STATE_FILE).write_bytes(msgspec.json.encode(state))

    return commit_checkpoint(
        run.checkpoints,
        build=build,
        run_id=run.id,
        kind=kind,
        created_s=time.time(),
        algorithm=config.run.algorithm,
        timesteps=model.num_timesteps,
        stage=record.stage,
        ramp_step=record.ramp_step,
        episodes=len(record.successes),
        versions=versions(),
        success_rate=record.success_rate,
        reward_mean=record.reward_mean,
    )


def load_model(folder: Path, config: Config, normalizer: VecNormalize) -> BaseAlgorithm:
    """Load model and statistics for flying, from a checkpoint that may be forged.

    Raises UnusableCheckpointError if shapes or contents do not fit this version, or if it learned
    in another version of the environment.
    """
    # Its folder may have another name: a rollback tests what it has staged.
    manifest = decode_manifest(read_record_file(folder, MANIFEST), f"{folder.name}: {MANIFEST}")
    if fault := environment_fault(manifest):
        raise UnusableCheckpointError(fault)
    with _load_errors(folder, "vecnormalize.npz"):
        load_statistics(normalizer, folder / "vecnormalize.npz")
    with _load_errors(folder, "model.zip"):
        return factory.load(config, folder / "model.zip", normalizer)


def restore_training(
    folder: Path,
    config: Config,
    *,
    fleet: LanderFleet,
    normalizer: VecNormalize,
    stages: Sequence[Stage],
) -> Trained:
    """Restore a training of these stages from a verified checkpoint.

    Includes the observations that the model acts on next, the fleet in mid-flight, and the random
    number generators; but not what a fork begins anew. Raises UnusableCheckpointError naming the
    file and its fault.
    """
    with _load_errors(folder, STATE_FILE):
        content = (folder / STATE_FILE).read_bytes()
        state = decode_state(content, stages=stages, curriculum=config.curriculum)
    if "flights" not in state.anew:
        with _load_errors(folder, "fleet.npz"):
            # The last observations, not normalized.
            normalizer.old_obs = fleet.restore(FleetSnapshot.load(folder / "fleet.npz"))
    model = _restore_model(folder, config, normalizer, state)
    if "flights" in state.anew:
        # Other episodes than those that the parent began with; SB3 begins them.
        fleet.seed(config.run.seed + state.timesteps)
    else:
        continue_flight(model, normalizer)
    buffer_began = state.timesteps if "replay" in state.anew else state.buffer_began
    if isinstance(model, FleetOffPolicy):
        assert model.replay_buffer is not None
        model.learning_starts += buffer_began
        if "replay" not in state.anew:
            with _load_errors(folder, "replay_buffer.npz"):
                load_replay(model.replay_buffer, folder / "replay_buffer.npz")
    # Last, since building the model draws random numbers.
    if "random numbers" in state.anew:
        model.set_random_seed(config.run.seed)
    else:
        with _load_errors(folder, STATE_FILE):
            restore_random(state.random)
    return Trained(
        model,
        normalizer,
        fleet,
        state.record,
        trained_s=state.trained_s,
        best=state.best,
        evaluated_timesteps=state.evaluated_timesteps,
        divergence=state.divergence,
        rewinds=state.returns,
        buffer_began=buffer_began,
        measured=state.measured,
        warm_start_steps=0 if "model" in state.anew else state.warm_start_steps,
    )


def _restore_model(
    folder: Path, config: Config, normalizer: VecNormalize, state: TrainingState
) -> BaseAlgorithm:
    """The model and its statistics, or those of a fork that begins some of it anew."""
    if "model" in state.anew:
        reset_statistics(normalizer)
        model = factory.build(config, normalizer)
        model.num_timesteps = state.timesteps
        return model
    model = load_model(folder, config, normalizer)
    with _load_errors(folder, "model.zip"):
        if model.num_timesteps != state.timesteps:
            raise ValueError(
                f"{model.num_timesteps} timesteps, training_state.json has {state.timesteps}"
            )
    if "returns" in state.anew:
        reset_return_statistics(normalizer)
    if "learning rate" in state.anew and isinstance(model, FleetPPO):
        model.current_learning_rate = None  # the configuration's, at the next update
    return model


def continue_flight(model: BaseAlgorithm, normalizer: VecNormalize) -> None:
    """Let the next `learn` continue the fleet's episodes: without these SB3 resets it.

    `normalizer.old_obs` holds the last observations, not normalized.
    """
    assert isinstance(normalizer.old_obs, np.ndarray)
    model._last_obs = normalizer.normalize_obs(normalizer.old_obs)
    # The first row of a rollout's episode starts affects no return.
    model._last_episode_starts = np.zeros(normalizer.num_envs, bool)


def load_parameters(folder: Path, model: BaseAlgorithm, normalizer: VecNormalize) -> None:
    """Load parameters and statistics of a verified checkpoint into an existing model.

    Raises UnusableCheckpointError if they do not fit.
    """
    with _load_errors(folder, "vecnormalize.npz"):
        load_statistics(normalizer, folder / "vecnormalize.npz")
    with _load_errors(folder, "model.zip"):
        apply_parameters(read_archive(folder / "model.zip"), model)


@contextmanager
def _load_errors(folder: Path, name: str) -> Iterator[None]:
    """Turn errors of loading a file into UnusableCheckpointError with one line naming it."""
    try:
        with reading():
            yield
    except FileNotFoundError as error:
        raise UnusableCheckpointError(f"{folder.name}: {name}: missing") from error
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise UnusableCheckpointError(f"{folder.name}: {name}: {reason}") from error
