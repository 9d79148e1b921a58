"""What a checkpoint of the training holds, and how a training goes on from one."""

from __future__ import annotations

import base64
import platform
import random
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.vec_env import VecNormalize

from daemon.checkpoint.commit import commit_checkpoint
from daemon.checkpoint.manifest import Manifest
from daemon.config.schema import CheckpointKind, Config
from daemon.paths import RunPaths
from daemon.trainer import algorithms
from daemon.trainer.curriculum import StageRecord
from daemon.trainer.errors import UnusableCheckpointError
from daemon.trainer.normalizer import load_statistics, save_statistics
from env.fleet import LanderFleet

PACKAGES = ("landerctl", "bsk", "stable_baselines3", "torch", "gymnasium", "numba", "numpy")


class TrainingState(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """training_state.json: all that model and statistics do not hold."""

    format: int
    timesteps: int
    trained_s: float  # wall time spent training in this run, over all processes
    record: StageRecord
    python_random: str  # base64 of the generator's state
    numpy_random: str
    torch_random: str
    next_seeds: list[int]  # of each lander's next episode


def versions() -> dict[str, str]:
    """Versions of what computes a training."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def save_checkpoint(
    run: RunPaths,
    config: Config,
    *,
    kind: CheckpointKind,
    model: BaseAlgorithm,
    normalizer: VecNormalize,
    fleet: LanderFleet,
    record: StageRecord,
    trained_s: float,
) -> Manifest:
    """Commit the training as it stands at a rollout's end. Raises OSError."""
    state = TrainingState(
        format=1,
        timesteps=model.num_timesteps,
        trained_s=trained_s,
        record=record,
        python_random=_pack(msgspec.json.encode(random.getstate())),
        numpy_random=_pack(_numpy_state()),
        torch_random=_pack(torch.get_rng_state().numpy().tobytes()),
        next_seeds=fleet.next_seeds(),
    )

    def build(folder: Path) -> None:
        model.save(folder / "model.zip")
        normalizer.save(str(folder / "vecnormalize.pkl"))
        save_statistics(normalizer, folder / "vecnormalize.npz")
        if isinstance(model, OffPolicyAlgorithm):
            model.save_replay_buffer(folder / "replay_buffer.pkl")
        (folder / "training_state.json").write_bytes(msgspec.json.encode(state))

    return commit_checkpoint(
        run.checkpoints,
        build=build,
        run_id=run.id,
        kind=kind,
        created_s=time.time(),
        algorithm=config.run.algorithm,
        timesteps=model.num_timesteps,
        stage=record.stage,
        versions=versions(),
        success_rate=record.success_rate,
        reward_mean=record.reward_mean,
    )


def load_model(
    folder: Path, config: Config, normalizer: VecNormalize, *, replay: bool
) -> BaseAlgorithm:
    """Model and statistics from a checkpoint whose digests the caller has verified.

    Raises UnusableCheckpointError where shapes or contents do not fit this version.
    """
    try:
        load_statistics(normalizer, folder / "vecnormalize.npz")
        model = algorithms.load(config, folder / "model.zip", normalizer)
    except (ValueError, KeyError) as error:
        raise UnusableCheckpointError(f"{folder.name}: cannot be used: {error}") from error
    if replay and isinstance(model, OffPolicyAlgorithm):
        model.load_replay_buffer(folder / "replay_buffer.pkl")
    return model


def load_state(folder: Path) -> TrainingState:
    """The training state of a verified checkpoint. Raises UnusableCheckpointError."""
    path = folder / "training_state.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=TrainingState)
    except msgspec.DecodeError as error:
        raise UnusableCheckpointError(f"{folder.name}: training_state.json: {error}") from error


def restore_random(state: TrainingState, fleet: LanderFleet) -> None:
    """Put every random number generator where it was: loading a model re-seeds them."""
    kind, numbers, gauss = msgspec.json.decode(base64.b64decode(state.python_random))
    random.setstate((kind, tuple(numbers), gauss))
    name, *rest = msgspec.json.decode(base64.b64decode(state.numpy_random))
    keys, position, has_gauss, cached = rest
    np.random.set_state((name, np.array(keys, np.uint32), position, has_gauss, cached))
    torch_state = np.frombuffer(base64.b64decode(state.torch_random), np.uint8)
    torch.set_rng_state(torch.from_numpy(torch_state.copy()))
    if len(state.next_seeds) == fleet.num_envs:
        fleet.set_next_seeds(range(fleet.num_envs), state.next_seeds)


def _numpy_state() -> bytes:
    name, keys, position, has_gauss, cached = np.random.get_state()
    state: list[Any] = [name, np.asarray(keys).tolist(), position, has_gauss, cached]
    return msgspec.json.encode(state)


def _pack(state: bytes) -> str:
    return base64.b64encode(state).decode("ascii")
