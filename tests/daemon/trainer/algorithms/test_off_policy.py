"""SAC and TD3 on a real fleet: batches, updates, archives and the replay buffer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from gymnasium import spaces
from stable_baselines3 import SAC, TD3
from stable_baselines3.common.running_mean_std import RunningMeanStd

from daemon.trainer.algorithms import factory
from daemon.trainer.algorithms.normalizer import normalized
from daemon.trainer.algorithms.replay_buffer import FleetReplayBuffer
from daemon.trainer.flyable import start_conditions
from env.physics.vehicles import STARSHIP_HLS
from tests.daemon.trainer.conftest import small_config
from tests.daemon.trainer.corrupted import Bench, same

OFF_POLICY = pytest.mark.parametrize("algorithm", ["sac", "td3"])
PLAIN: dict[str, Any] = {"sac": SAC, "td3": TD3}


def bench(algorithm: str) -> Any:
    return Bench(small_config(algorithm=algorithm))


@OFF_POLICY
def test_an_iteration_updates_parameters_and_records_its_time(algorithm: str) -> None:
    small = bench(algorithm)
    before = small.parameters()
    small.learn(64)
    assert same(before, small.parameters())  # learning_starts
    small.learn(128)
    after = small.parameters()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert any(name.startswith("actor.") for name in changed)
    assert any(name.startswith("critic_target.") for name in changed)
    assert all(torch.isfinite(value).all() for value in after.values())
    logged = small.model.logger.name_to_value
    assert {"train/critic_loss", "train/actor_loss", "train/n_updates"} <= logged.keys()
    spent = factory.time_spent(small.model)
    assert min(spent.simulation_s, spent.inference_s, spent.learning_s) > 0.0


@OFF_POLICY
def test_learning_restores_the_number_of_threads(algorithm: str) -> None:
    threads = torch.get_num_threads()
    bench(algorithm).learn(128)
    assert torch.get_num_threads() == threads


@OFF_POLICY
def test_archives_load_without_landerctl(
    algorithm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = bench(algorithm)
    small.learn(192)
    small.model.save(tmp_path / "model.zip")
    for name in list(sys.modules):
        if name.partition(".")[0] in {"daemon", "env"}:
            monkeypatch.setitem(sys.modules, name, None)  # importing it fails
    plain = PLAIN[algorithm].load(tmp_path / "model.zip", device="cpu")
    assert type(plain) is PLAIN[algorithm]
    observations = small.normalizer.normalize_obs(small.normalizer.old_obs)
    actions, _ = plain.predict(observations, deterministic=True)
    expected, _ = small.model.predict(observations, deterministic=True)
    assert np.array_equal(actions, expected)


@OFF_POLICY
def test_the_replay_buffer_round_trips(algorithm: str, tmp_path: Path) -> None:
    small = bench(algorithm)
    small.learn(192)
    small.model.save_replay_buffer(tmp_path / "replay.pkl")
    other = bench(algorithm)
    other.model.load_replay_buffer(tmp_path / "replay.pkl")
    drawn = []
    for model in (small.model, other.model):
        np.random.seed(1)
        drawn.append(model.replay_buffer.draw(small.normalizer, 64, n_steps=3, gamma=0.9))
    for one, two in zip(*drawn, strict=True):
        assert torch.equal(one, two)


def test_a_batch_is_normalized_as_vecnormalize_does() -> None:
    small = bench("sac")
    small.learn(192)
    raw = small.model.replay_buffer.observations[:8]
    ours = normalized(small.normalizer, torch.from_numpy(raw)).numpy()
    np.testing.assert_allclose(ours, small.normalizer.normalize_obs(raw), rtol=1e-4, atol=1e-5)
    assert np.abs(ours).max() > 0.5


class Column:
    """A buffer of two landers whose observations count the steps of each."""

    def __init__(self, rows: int) -> None:
        box = spaces.Box(-1e6, 1e6, (1,), np.float32)
        self.buffer = FleetReplayBuffer(2 * rows, box, spaces.Box(-1.0, 1.0, (1,)), "cpu", 2)
        self.steps = 0

    def step(self, reward: float, *, done: bool = False, settling: bool = False) -> None:
        """Store a step: lander 0 with these values, lander 1 flying for a reward of 100."""
        self.buffer.store(
            np.array([[self.steps], [1000 + self.steps]], np.float32),
            np.array([[0.1], [0.2]], np.float32),
            np.array([reward, 100.0], np.float32),
            np.array([done, False]),
            np.array([settling, False]),
        )
        self.steps += 1

    def transitions(self, n_steps: int) -> dict[int, tuple[float, float, float]]:
        """Sampled transitions by their first step: return, discount, next observation."""
        normalizer: Any = type("AsItIs", (), {"norm_obs": False})
        batch = self.buffer.draw(normalizer, 500, n_steps=n_steps, gamma=0.5)
        parts = (batch.observations, batch.rewards, batch.discounts, batch.next_observations)
        rows = torch.cat(parts, 1).tolist()
        return {int(start): (total, discount, follows) for start, total, discount, follows in rows}


def test_n_step_returns_end_with_the_episode() -> None:
    column = Column(rows=16)
    for step in range(6):
        column.step(float(step), done=step == 3)
    drawn = column.transitions(n_steps=2)
    assert drawn[0] == (0.0 + 0.5 * 1.0, 0.25, 2.0)
    assert drawn[1] == (1.0 + 0.5 * 2.0, 0.25, 3.0)
    assert drawn[2][:2] == (2.0 + 0.5 * 3.0, 0.0)
    assert drawn[3][:2] == (3.0, 0.0)
    assert drawn[1000] == (150.0, 0.25, 1002.0)
    # Step 4 needs the observation after step 5, which is not stored yet.
    assert set(drawn) == {0, 1, 2, 3, 1000, 1001, 1002, 1003}


def test_settling_rewards_are_added_to_the_touchdown_step() -> None:
    column = Column(rows=16)
    column.step(1.0)
    column.step(2.0)  # touchdown
    column.step(0.0, settling=True)
    column.step(0.0, settling=True)
    assert set(column.transitions(n_steps=1)) == {
        0,
        1000,
        1001,
        1002,
    }  # its result is open
    column.step(1000.0, settling=True, done=True)
    for step in range(3):
        column.step(10.0 * step)
    drawn = column.transitions(n_steps=1)
    assert drawn[0] == (1.0, 0.5, 1.0)
    assert drawn[1][:2] == (1002.0, 0.0)
    assert drawn[5] == (0.0, 0.5, 6.0)
    assert set(drawn) & {2, 3, 4} == set()


def test_a_full_buffer_overwrites_the_oldest_rows() -> None:
    column = Column(rows=4)
    for step in range(10):
        column.step(float(step))
    drawn = column.transitions(n_steps=2)
    assert drawn == {
        6: (6.0 + 3.5, 0.25, 8.0),
        7: (7.0 + 4.0, 0.25, 9.0),
        1006: (150.0, 0.25, 1008.0),
        1007: (150.0, 0.25, 1009.0),
    }


def test_sampling_from_too_few_rows_raises() -> None:
    column = Column(rows=8)
    column.step(1.0)
    with pytest.raises(ValueError, match="a lander has 1 rows, more than 1 are needed"):
        column.transitions(n_steps=1)


def test_settling_is_flagged_from_touchdown_to_the_end() -> None:
    small = bench("td3")
    fleet = small.fleet
    low = msgspec.structs.replace(small.config.curriculum.stages[0], altitude_m=(0.5, 1.0))
    fleet.set_start(start_conditions(low))
    fleet.reset()
    assert not fleet.settling.any()
    settled, ended = np.zeros(4, int), np.zeros(4, int)
    actions = np.zeros((4, STARSHIP_HLS.n_actions), np.float32)
    actions[:, 9:12] = -1.0  # no thrust: the craft drop
    while not ended.all():
        before = fleet.settling
        fleet.step_async(actions)
        _, rewards, dones, _ = fleet.step_wait()
        assert (rewards[before & ~dones] == 0.0).all()
        settled += before
        ended += dones
        assert not fleet.settling[dones].any()
    assert (settled >= 10).all()  # a craft has to rest for a second


def test_statistics_exclude_settling() -> None:
    small = bench("sac")
    small.learn(192)
    moments = small.normalizer.obs_rms
    assert isinstance(moments, RunningMeanStd)
    held = small.model.replay_buffer.held.sum()
    assert 0 < moments.count - held < 5  # plus the first observations of all landers
