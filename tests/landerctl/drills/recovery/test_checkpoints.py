"""Comparing checkpoints and making them bad, on archives as a trainer writes them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from daemon.checkpoint.commit import commit_checkpoint
from daemon.checkpoint.manifest import read_manifest, verify
from landerctl.drills.recovery.backup import flip_byte
from landerctl.drills.recovery.bad_states import make_not_finite, make_worse
from landerctl.drills.recovery.same_state import differences


def make(folder: Path, *, weight: float = 1.0, mean: float = 2.0, wall_s: float = 3.0) -> Path:
    def build(inside: Path) -> None:
        with zipfile.ZipFile(inside / "model.zip", "w") as archive:
            for name in ("policy.pth", "policy.optimizer.pth"):
                stored = io.BytesIO()
                torch.save({"weight": torch.tensor([0.5, weight])}, stored)
                archive.writestr(name, stored.getvalue())
            archive.writestr("data", f"written at {wall_s}")
        np.savez(
            inside / "vecnormalize.npz", observations_mean=np.array([0.0, mean]), count=np.array(7)
        )
        np.savez(inside / "fleet.npz", state=np.arange(4.0))
        record = {
            "stage": 1,
            "started_wall_s": wall_s,
            "successes": [True, False],
            "rewards": [1.0, 2.0],
        }
        state = {"trained_s": wall_s, "record": record, "random": {"torch": "abc"}}
        (inside / "training_state.json").write_bytes(msgspec.json.encode(state))

    folder.mkdir()
    manifest = commit_checkpoint(
        folder,
        build=build,
        run_id="run-1",
        kind="interval",
        created_s=1.0,
        algorithm="ppo",
        timesteps=1000,
        stage=1,
        versions={},
        success_rate=0.5,
        reward_mean=1.5,
    )
    return folder / manifest.id


def test_the_same_numbers_at_another_time_are_the_same_state(tmp_path: Path) -> None:
    assert differences(make(tmp_path / "a"), make(tmp_path / "b", wall_s=9.0)) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"weight": 1.0 + 1e-7}, ["policy.optimizer.pth data/0", "policy.pth data/0"]),
        ({"mean": 2.0 + 1e-15}, ["vecnormalize.npz observations_mean.npy"]),
    ],
)
def test_the_last_bit_counts(tmp_path: Path, change: dict[str, float], named: list[str]) -> None:
    assert differences(make(tmp_path / "a"), make(tmp_path / "b", **change)) == named


def test_statistics_that_are_not_finite_have_matching_digests(tmp_path: Path) -> None:
    folder = make(tmp_path / "a")
    make_not_finite(folder)
    verify(folder)
    with np.load(folder / "vecnormalize.npz") as arrays:
        assert np.isnan(arrays["observations_mean"]).tolist() == [False, True]
        assert arrays["count"] == 7


def test_a_worse_state_has_matching_digests(tmp_path: Path) -> None:
    folder = make(tmp_path / "a")
    make_worse(folder)
    assert verify(folder).success_rate == 0.0
    state = msgspec.json.decode((folder / "training_state.json").read_bytes())
    assert state["record"]["successes"] == [False, False]


def test_a_flipped_byte_is_put_back(tmp_path: Path) -> None:
    folder = make(tmp_path / "a")
    before = (folder / "fleet.npz").read_bytes()
    flip_byte(folder / "fleet.npz")
    assert (folder / "fleet.npz").read_bytes() != before
    flip_byte(folder / "fleet.npz")
    assert verify(folder) == read_manifest(folder)
