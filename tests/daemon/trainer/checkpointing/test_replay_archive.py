"""A replay buffer round-trips, and invalid archives are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

from daemon.trainer.algorithms.replay_buffer import FleetReplayBuffer
from daemon.trainer.checkpointing.replay_archive import load_replay, save_replay

NAMES = ("observations", "actions", "rewards", "dones", "next_row", "held")
ROWS, LANDERS = 5, 2


def empty(rows: int = ROWS, landers: int = LANDERS) -> FleetReplayBuffer:
    box = spaces.Box(-1.0, 1.0, (3,), np.float32)
    return FleetReplayBuffer(rows * landers, box, box, "cpu", landers)


def filled(steps: int) -> FleetReplayBuffer:
    """A filled buffer; lander 1 settles in every third step, so its column is shorter."""
    buffer, generator = empty(), np.random.default_rng(steps)
    for step in range(steps):
        before, action = generator.normal(size=(2, LANDERS, 3)).astype(np.float32)
        rewards = generator.normal(size=LANDERS).astype(np.float32)
        dones = generator.integers(0, 2, LANDERS).astype(bool)
        buffer.store(before, action, rewards, dones, np.array([False, step % 3 == 2]))
    return buffer


@pytest.mark.parametrize("steps", [0, 1, 4, 5, 6, 13])
def test_filled_rows_round_trip(steps: int, tmp_path: Path) -> None:
    buffer, read = filled(steps), empty()
    save_replay(buffer, tmp_path / "replay.npz")
    load_replay(read, tmp_path / "replay.npz")
    for name in NAMES:
        rows = slice(None) if name in {"next_row", "held"} else slice(buffer.size())
        assert np.array_equal(getattr(read, name)[rows], getattr(buffer, name)[rows])


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"rewards": None}, "rewards: missing"),
        ({"actions": np.zeros((4, LANDERS, 9), np.float32)}, "actions: float32 of shape"),
        ({"observations": np.full((4, LANDERS, 3), np.nan, np.float32)}, "not finite"),
        ({"held": np.array([4, 9])}, "held, next_row: inconsistent with 4 rows in 5"),
        ({"next_row": np.array([4, 0])}, "held, next_row: inconsistent with 4 rows in 5"),
    ],
)
def test_arrays_that_do_not_fit_are_refused_by_name(
    changed: dict[str, Any], named: str, tmp_path: Path
) -> None:
    save_replay(filled(4), tmp_path / "replay.npz")
    with np.load(tmp_path / "replay.npz") as arrays:
        kept = {name: arrays[name] for name in arrays.files} | changed
    np.savez(tmp_path / "replay.npz", **{k: v for k, v in kept.items() if v is not None})
    with pytest.raises(ValueError, match=named):
        load_replay(empty(), tmp_path / "replay.npz")
