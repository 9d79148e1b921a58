"""A checkpoint that a training cannot resume from is refused, naming file and fault."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.commit import commit_checkpoint
from daemon.checkpoint.manifest import MANIFEST, encode_record, read_manifest, seal
from daemon.config import Config, load_config
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.channel import Channel
from daemon.trainer.checkpointing.random_state import capture_random
from daemon.trainer.checkpointing.save_restore import restore_training
from daemon.trainer.checkpointing.training_state import TrainingState, decode_state
from daemon.trainer.curriculum.record import StageRecord
from daemon.trainer.fleets import build_fleet
from daemon.trainer.health.divergence import DivergenceState
from daemon.trainer.health.errors import UnusableCheckpointError
from daemon.trainer.health.rewind_limit import RewindCount
from daemon.trainer.loop.train_run import train_run
from env.physics.vehicles import APOLLO_LM
from tests.daemon.trainer.conftest import make_run, small_config
from tests.daemon.trainer.quiet_startup import quiet_startup

STATE = TrainingState(
    timesteps=1000,
    trained_s=20.0,
    record=StageRecord(
        2, 500, 10.0, 1, episodes=3, successes=[True, False, True], rewards=[1.0, 2.0, 3.0]
    ),
    best=None,
    evaluated_timesteps=0,
    divergence=DivergenceState(),
    returns=RewindCount(),
    random=capture_random(),
)
CURRICULUM = load_config(None).config.curriculum


def corrupted(**fields: Any) -> bytes:
    """The state file with changed fields; fields of the record have the prefix `record_`."""
    plain = msgspec.json.decode(msgspec.json.encode(STATE))
    for name, value in fields.items():
        part, _, rest = name.partition("_")
        if part in {"record", "random"}:
            plain[part][rest] = value
        else:
            plain[name] = value
    return msgspec.json.encode(plain)


def decoded(content: bytes) -> TrainingState:
    return decode_state(content, stages=CURRICULUM.stages, curriculum=CURRICULUM)


def test_a_valid_state_round_trips() -> None:
    assert decoded(corrupted()) == STATE


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "truncated"),
        (b"\x00" * 300, "malformed"),
        (corrupted()[:-40], "truncated"),
        (corrupted(format=1), "format 1, but this version resumes only from format 2"),
        (corrupted(timesteps=-1), r">= 0 - at `\$.timesteps`"),
        (corrupted(timesteps="many"), r"\$.timesteps"),
        (corrupted(surprise=1), "surprise"),
        (corrupted(trained_s=None), r"\$.trained_s"),
        (corrupted(trained_s=-1.0), r">= 0.0 - at `\$.trained_s`"),
        (corrupted(record_stage=6), "curriculum.stage = 6: expected 1 to 5"),
        (corrupted(record_started_timesteps=1001), "curriculum.started_timesteps = 1001"),
        (corrupted(record_episodes=2), "curriculum.successes = 3: expected 2 entries"),
        (corrupted(record_rewards=[1.0, 2.0, None]), r"\$.record.rewards\[2\]"),
        (corrupted(evaluated_timesteps=1001), "evaluated_timesteps = 1001: over timesteps, 1000"),
        (corrupted(best=[1, 0.5]), r"\$.best"),
        (corrupted(returns={"count": -1}), r"\$.returns.count"),
        (corrupted(random_numpy_position=625), r"\$.random.numpy_position"),
        (corrupted(random_python="AAAA"), r"\$.random.python"),
    ],
)
def test_an_impossible_state_is_refused(content: bytes, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        decoded(content)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run's only checkpoint."""
    run = make_run(tmp_path_factory.mktemp("whole") / "run", small_config(timesteps=128))
    train_run(run, small_config(timesteps=128), Channel({}), quiet_startup(run), fresh=True)
    (manifest,) = list_checkpoints(run.checkpoints).whole
    return run.checkpoints / manifest.id


def restore(folder: Path, config: Config) -> None:
    fleet = build_fleet(config, config.curriculum.stages[0], config.run.n_envs)
    normalizer = build_normalizer(config, fleet, training=True)
    try:
        restore_training(
            folder, config, fleet=fleet, normalizer=normalizer, stages=CURRICULUM.stages
        )
    finally:
        fleet.close()


def _without(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def _arrays(name: str, **changed: Any) -> Callable[[Path], object]:
    def corrupt(folder: Path) -> None:
        with np.load(folder / name) as arrays:
            kept = {key: arrays[key] for key in arrays.files}
        named: dict[str, Any] = kept | changed
        np.savez(folder / name, **named)

    return corrupt


def _state(**changed: Any) -> Callable[[Path], object]:
    def corrupt(folder: Path) -> None:
        path = folder / "training_state.json"
        state = msgspec.json.decode(path.read_bytes())
        state |= changed | {"random": state["random"] | changed.get("random", {})}
        path.write_bytes(msgspec.json.encode(state))

    return corrupt


@pytest.mark.parametrize(
    ("corrupt", "fault"),
    [
        (_without("fleet.npz"), "fleet.npz: missing"),
        (_without("training_state.json"), "training_state.json: missing"),
        (_without("model.zip"), "model.zip: missing"),
        (_without("vecnormalize.npz"), "vecnormalize.npz: missing"),
        (lambda folder: (folder / "fleet.npz").write_bytes(b"PK"), "fleet.npz: not an archive"),
        (lambda folder: (folder / "model.zip").write_bytes(b"PK"), "model.zip: .*zip"),
        (_arrays("fleet.npz", stream=np.zeros(4)), "fleet.npz: stream: not of this version"),
        (
            _arrays("vecnormalize.npz", return_var=np.array(-1.0)),
            "return statistics: negative variance",
        ),
        (_arrays("vecnormalize.npz", returns=np.full(4, np.nan)), "returns: not finite"),
        (_state(timesteps=256), "model.zip: 128 timesteps, training_state.json has 256"),
        (_state(random={"torch": "AAAA"}), "training_state.json: torch: "),
    ],
)
def test_a_corrupted_checkpoint_is_refused(
    corrupt: Callable[[Path], object], fault: str, checkpoint: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(checkpoint, tmp_path / checkpoint.name)
    corrupt(copy)
    with pytest.raises(UnusableCheckpointError, match=f"{checkpoint.name}: .*{fault}"):
        restore(copy, small_config())


def test_another_number_of_landers_is_refused(checkpoint: Path) -> None:
    with pytest.raises(
        UnusableCheckpointError, match=r"n_envs: start has 4 landers, this fleet .*5"
    ):
        restore(checkpoint, small_config(n_envs=5))


def test_another_vehicle_is_refused(checkpoint: Path) -> None:
    config = small_config()
    fleet = msgspec.structs.replace(config.fleet, vehicle=APOLLO_LM.name)
    with pytest.raises(UnusableCheckpointError, match="vehicle: the snapshot has starship-hls"):
        restore(checkpoint, msgspec.structs.replace(config, fleet=fleet))


@pytest.mark.parametrize("versions", [{}, {"environment": "99"}])
def test_what_learned_in_another_environment_is_refused(
    versions: dict[str, str], checkpoint: Path, tmp_path: Path
) -> None:
    """Its observations have the same shape, but mean something else."""
    copy = shutil.copytree(checkpoint, tmp_path / checkpoint.name)
    other = msgspec.structs.replace(read_manifest(copy), versions=versions)
    (copy / MANIFEST).write_bytes(encode_record(seal(other)))
    learned = versions.get("environment", "1")
    fault = f"{checkpoint.name}: it learned in version {learned} of the environment"
    with pytest.raises(UnusableCheckpointError, match=fault):
        restore(copy, small_config())


def test_an_old_format_ends_the_training_instead_of_restarting_it(
    checkpoint: Path, tmp_path: Path
) -> None:
    run = make_run(tmp_path / "run", small_config())

    def build(folder: Path) -> None:
        for path in checkpoint.iterdir():
            if path.name not in {MANIFEST, "fleet.npz"}:
                shutil.copy(path, folder)
        _state(format=1)(folder)

    manifest = commit_checkpoint(
        run.checkpoints,
        build=build,
        run_id=run.id,
        kind="interval",
        created_s=1.0,
        algorithm="ppo",
        timesteps=128,
        stage=1,
        versions={},
    )
    fault = f"{manifest.id}: training_state.json: format 1, .*landerctl start --fresh"
    with pytest.raises(UnusableCheckpointError, match=fault):
        train_run(
            RunPaths(run.folder), small_config(), Channel({}), quiet_startup(run), fresh=False
        )
