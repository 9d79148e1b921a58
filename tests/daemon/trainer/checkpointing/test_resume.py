"""A training that is interrupted and resumed equals the uninterrupted one, bit by bit."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from daemon.base.exitcodes import TrainerExit
from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import Manifest
from daemon.checkpoint.measured import Measurement, read_measured
from daemon.config import Config, load_config
from daemon.protocol.trainer import (
    EventReport,
    Metrics,
    Order,
    Phase,
    Report,
    Save,
    Stop,
    encode_line,
    report_decoder,
)
from daemon.runs.run_folder import read_run_config
from daemon.trainer.channel import ORDER_FD, REPORT_FD, Channel
from daemon.trainer.loop.train_run import train_run
from tests.daemon.trainer.conftest import make_run
from tests.daemon.trainer.quiet_startup import quiet_startup

ROOT = Path(__file__).parents[4]
ROLLOUT = 8 * 32  # environment steps
GO_ON = """
import sys
from pathlib import Path
from daemon.base.paths import RunPaths
from tests.daemon.trainer.checkpointing.test_resume import fly
for folder in sys.argv[1:]:
    fly(RunPaths(Path(folder)))
"""


OFF_POLICY = {"buffer_size": 512, "learning_starts": 200, "batch_size": 32, "gradient_steps": 2}


def two_stages(**run: Any) -> Config:
    """Eight landers, a short curriculum, and a checkpoint at the end of each rollout.

    They start so low that episodes end in each rollout; any policy passes the gate, but trains on
    in the stage for a while.
    """
    config = load_config(
        None,
        {
            "run": {"n_envs": 8, "timesteps": 10 * ROLLOUT} | run,
            "fleet": {"threads": 2},
            "network": {"hidden": [16]},
            "ppo": {"n_steps": 32, "batch_size": 64, "n_epochs": 2},
            "sac": OFF_POLICY,
            "td3": OFF_POLICY,
            "curriculum": {
                "window_episodes": 5,
                "min_episodes": 5,
                "confirm_episodes": 4,
                "ramp_success_rate": 0.0,
                "rehearsal_share": 0.25,
            },
            "checkpoints": {"interval_steps": 1},
        },
    ).config
    stages = [
        msgspec.structs.replace(
            stage,
            altitude_m=(2.0, 8.0),
            time_limit_s=12.0,
            gate_success_rate=0.0,
            gate_mean_reward=-1e6,
            ramp_steps=ramp_steps,
            mastery_success_rate=1.0,
            mastery_timesteps=6 * ROLLOUT,
        )
        for stage, ramp_steps in zip(config.curriculum.stages, (1, 3), strict=False)
    ]
    curriculum = msgspec.structs.replace(config.curriculum, stages=stages)
    return msgspec.structs.replace(config, curriculum=curriculum)


def fly(run: RunPaths, channel: Channel | None = None, until: int | None = None) -> TrainerExit:
    """Train to the end, or to a pause; the reports are in the run's folder."""
    with (run.folder / "reports").open("ab") as file:
        own = Channel({REPORT_FD: str(file.fileno())})
        config, startup = read_run_config(run), quiet_startup(run)
        return train_run(run, config, channel or own, startup, fresh=False, until=until)


def reports(run: RunPaths) -> list[Report]:
    lines = (run.folder / "reports").read_bytes().splitlines()
    return [report_decoder.decode(line) for line in lines]


def metrics(run: RunPaths) -> dict[int, dict[str, float]]:
    """The values logged after each rollout and evaluation, without times and speeds."""
    logged: dict[int, dict[str, float]] = {}
    for report in reports(run):
        if isinstance(report, Metrics):
            values = logged.setdefault(report.timesteps, {})
            values |= {k: v for k, v in report.values.items() if not k.startswith("time/")}
    return logged


def contents(run: RunPaths, manifest: Manifest) -> dict[str, Any]:
    """All numbers of a checkpoint by name, without times; arrays as bytes."""
    folder, found = run.checkpoints / manifest.id, dict[str, Any]()
    with zipfile.ZipFile(folder / "model.zip") as archive:
        for name in archive.namelist():
            if name.endswith(".pth"):
                stored = torch.load(io.BytesIO(archive.read(name)), weights_only=True)
                found |= _leaves(name, stored)
    for name in ("fleet.npz", "vecnormalize.npz"):
        with np.load(folder / name) as arrays:
            found |= {f"{name} {key}": arrays[key].tobytes() for key in arrays.files}
    state = msgspec.json.decode((folder / "training_state.json").read_bytes())
    del state["trained_s"], state["record"]["started_wall_s"]
    return found | _leaves("state", state)


def _leaves(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {k: v for key in value for k, v in _leaves(f"{name} {key}", value[key]).items()}
    if isinstance(value, torch.Tensor):
        return {name: value.detach().numpy().tobytes()}
    return {name: value}


def by_timesteps(run: RunPaths) -> dict[int, Manifest]:
    """The newest checkpoint of each rollout."""
    return {manifest.timesteps: manifest for manifest in list_checkpoints(run.checkpoints).whole}


def interrupted(run: RunPaths, folder: Path, after: str) -> RunPaths:
    """A copy of a run as it was right after the checkpoint `after`."""
    copy = make_run(folder, read_run_config(run))
    for manifest in list_checkpoints(run.checkpoints).whole:
        if manifest.id <= after:
            shutil.copytree(run.checkpoints / manifest.id, copy.checkpoints / manifest.id)
    return copy


def assert_same_from(after: int, resumed: RunPaths, whole: RunPaths) -> None:
    """Everything logged and saved after `after` environment steps is equal."""
    expected = {step: values for step, values in metrics(whole).items() if step > after}
    found = {step: values for step, values in metrics(resumed).items() if step > after}
    assert expected and found == expected
    for timesteps, manifest in by_timesteps(whole).items():
        if timesteps > after:
            wanted = contents(whole, manifest)
            got = contents(resumed, by_timesteps(resumed)[timesteps])
            different = [name for name in wanted | got if wanted.get(name) != got.get(name)]
            assert not different, f"at {timesteps}: {different[:5]}"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunPaths:
    """An uninterrupted PPO training."""
    run = make_run(tmp_path_factory.mktemp("whole") / "run", two_stages())
    assert fly(run) is TrainerExit.COMPLETED
    return run


def test_resume_in_new_processes_after_any_rollout(whole: RunPaths, tmp_path: Path) -> None:
    saved = list_checkpoints(whole.checkpoints).whole
    (gate,) = (manifest for manifest in saved if manifest.stage == 1 and manifest.kind == "gate")
    advanced = next(manifest for manifest in saved if manifest.stage == 2)
    points = {saved[0].id, gate.id, advanced.id, saved[saved.index(advanced) - 1].id, saved[-3].id}
    assert len(points) == 5
    copies = {id_: interrupted(whole, tmp_path / id_, id_) for id_ in sorted(points)}
    command = [sys.executable, "-c", GO_ON, *(str(copy.folder) for copy in copies.values())]
    subprocess.run(command, check=True, cwd=ROOT)
    for id_, copy in copies.items():
        assert_same_from(int(id_.split("-")[1]), copy, whole)


def test_a_training_in_legs_equals_an_undivided_one(whole: RunPaths, tmp_path: Path) -> None:
    run = make_run(tmp_path / "legs", read_run_config(whole))
    for rollouts in range(1, 10):
        assert fly(run, until=rollouts * ROLLOUT - 1) is TrainerExit.PAUSED
        newest = list_checkpoints(run.checkpoints).whole[-1]
        assert (newest.kind, newest.timesteps) == ("stop", rollouts * ROLLOUT)
    assert fly(run, until=10 * ROLLOUT) is TrainerExit.COMPLETED
    assert_same_from(0, run, whole)


def test_a_checkpoint_has_the_newest_value_of_each_metric(whole: RunPaths) -> None:
    reported = metrics(whole)
    for manifest in list_checkpoints(whole.checkpoints).whole:
        newest = {
            name: Measurement(timesteps, value)
            for timesteps, values in reported.items()
            for name, value in values.items()
            if timesteps <= manifest.timesteps
        }
        found = read_measured(whole.checkpoints / manifest.id)
        assert "train/loss" in found
        # After the rollout itself; an evaluation may follow the checkpoint.
        missing = {name for name, one in newest.items() if found.get(name) != one}
        assert all(name.startswith("eval/") for name in missing)
        assert found.keys() <= newest.keys()


class Ordering(Channel):
    """Delivers orders when the training reports that it evaluates the mean action."""

    def __init__(self, run: RunPaths, *orders: Order) -> None:
        self._file = (run.folder / "reports").open("ab")
        order_end, self._write_end = os.pipe()
        self._lines = b"".join(encode_line(order) for order in orders)
        super().__init__({REPORT_FD: str(self._file.fileno()), ORDER_FD: str(order_end)})

    def send(self, report: Report) -> None:
        super().send(report)
        if isinstance(report, Phase) and report.name == "evaluating" and self._lines:
            os.write(self._write_end, self._lines)
            self._lines = b""


def test_an_order_that_interrupts_an_evaluation_changes_nothing(
    whole: RunPaths, tmp_path: Path
) -> None:
    run = make_run(tmp_path / "run", read_run_config(whole))
    assert fly(run, Ordering(run, Save("manual"))) is TrainerExit.COMPLETED
    names = [r.name for r in reports(run) if isinstance(r, EventReport) and "stage." in r.name]
    assert names[1:4] == ["stage.confirming", "stage.confirming", "stage.passed"]
    assert_same_from(0, run, whole)

    stopped = make_run(tmp_path / "stopped", read_run_config(whole))
    assert fly(stopped, Ordering(stopped, Stop("asked"))) is TrainerExit.STOPPED
    halt = list_checkpoints(stopped.checkpoints).whole[-1]
    assert halt.kind == "stop" and halt.timesteps < 10 * ROLLOUT
    assert fly(stopped) is TrainerExit.COMPLETED
    assert_same_from(0, stopped, whole)


@pytest.mark.parametrize("algorithm", ["sac", "td3"])
def test_off_policy_with_its_replay_buffer(algorithm: str, tmp_path: Path) -> None:
    """During the initial random actions, and after the buffer has wrapped around."""
    config = two_stages(algorithm=algorithm, timesteps=768)
    whole = make_run(tmp_path / "whole", config)
    assert fly(whole) is TrainerExit.COMPLETED
    saved = by_timesteps(whole)
    assert len(metrics(whole)) == len(saved) == 6
    for timesteps in (128, 640):
        resumed = interrupted(whole, tmp_path / str(timesteps), saved[timesteps].id)
        assert fly(resumed) is TrainerExit.COMPLETED
        assert_same_from(timesteps, resumed, whole)
