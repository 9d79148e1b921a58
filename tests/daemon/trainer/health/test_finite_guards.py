"""Non-finite numbers in real models that learn from a real fleet."""

from __future__ import annotations

import math
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from daemon.config import Config
from daemon.trainer.algorithms import factory
from daemon.trainer.health.finite_guards import (
    FlightGuard,
    NotFiniteError,
    check_flown,
    check_update,
    find_broken,
    guard_updates,
)
from tests.daemon.trainer.conftest import small_config
from tests.daemon.trainer.corrupted import ALGORITHMS, Bench, corrupt_velocity, same

# Statistics warn about an infinity themselves.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
NEVER_DONE = np.zeros(3, bool)


def spawn_task(bench: Bench) -> FlightGuard:
    guard_updates(bench.model)
    return FlightGuard(bench.normalizer, bench.names)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_nan_loss_stops_the_update_before_it_is_applied(algorithm: str) -> None:
    bench = Bench(small_config(algorithm=algorithm), step=36, reward=math.nan)
    before: list[dict[str, torch.Tensor]] = []
    for name in bench.model.get_parameters():
        if name.endswith("optimizer"):
            optimizer: torch.optim.Optimizer = attrgetter(name)(bench.model)
            optimizer.register_step_pre_hook(lambda *_: before.append(bench.parameters()))
    guard_updates(bench.model)
    with pytest.raises(NotFiniteError, match=r"^gradient is not finite: .*\.weight, "):
        bench.learn(2000)
    assert not same(before[0], before[-1]), "the updates before it were applied"
    assert same(before[-1], bench.parameters())
    assert find_broken(bench.model.get_parameters()) is None


def test_without_a_guard_the_parameters_would_be_lost() -> None:
    bench = Bench(small_config(), step=40, reward=math.nan)
    with pytest.raises(ValueError, match="NaN"):
        bench.learn(2000)
    assert find_broken(bench.model.get_parameters()) is not None


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_guards_change_no_bit_of_a_finite_training(algorithm: str) -> None:
    plain, watched = (Bench(small_config(algorithm=algorithm)) for _ in range(2))
    guard = spawn_task(watched)
    for bench, callback in ((plain, None), (watched, guard)):
        bench.model.set_random_seed(5)
        bench.learn(256, callback)
        check_update(bench.model)
    assert same(plain.parameters(), watched.parameters())


def test_a_guarded_model_is_saved_and_loaded(tmp_path: Path) -> None:
    bench = Bench(small_config())
    spawn_task(bench)
    bench.learn(128)
    bench.model.save(tmp_path / "model.zip")
    loaded = factory.load(bench.config, tmp_path / "model.zip", bench.normalizer)
    assert same(dict(loaded.policy.state_dict()), bench.parameters())


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("reward", [math.nan, math.inf, -math.inf])
def test_a_non_finite_reward_is_not_learned_from(algorithm: str, reward: float) -> None:
    bench = Bench(small_config(algorithm=algorithm), step=10, reward=reward)
    before = bench.parameters()
    with pytest.raises(NotFiniteError) as caught:
        bench.learn(2000, spawn_task(bench))
    assert str(caught.value) == f"reward is not finite: lander 1, reward {reward}"
    assert same(before, bench.parameters())
    if algorithm != "ppo":
        replay: Any = bench.model.replay_buffer  # type: ignore[attr-defined]
        assert replay.next_row.tolist() == [9] * 4


def test_a_craft_with_a_nan_state_is_named_with_its_seed_and_numbers() -> None:
    bench = Bench(small_config())
    guard = spawn_task(bench)
    bench.learn(128, guard)
    seed = int(bench.fleet._buffers.episode["seed"][2])
    corrupt_velocity(bench.fleet, 2)
    with pytest.raises(NotFiniteError) as caught:
        bench.learn(128, guard)
    assert caught.value.what == "reward"
    assert caught.value.where.startswith(f"lander 2, episode seed {seed}, reward nan, log_height, ")
    assert caught.value.where.endswith("pad_direction_body_x, 27 more")


def test_an_observation_is_named_during_and_at_the_end_of_an_episode() -> None:
    names = ["height", "speed"]
    rewards, observations = np.ones(3, np.float32), np.zeros((3, 2), np.float32)
    infos: list[dict[str, Any]] = [{}, {}, {"terminal_observation": np.array([0.0, 1.0])}]
    done = np.array([False, False, True])
    check_flown(observations, rewards, done, infos, names=names)
    infos[2]["terminal_observation"][1] = math.nan
    with pytest.raises(NotFiniteError, match=r"^observation is not finite: lander 2, speed$"):
        check_flown(observations, rewards, done, infos, names=names)
    observations[1, 0] = math.inf
    with pytest.raises(NotFiniteError, match=r"^observation is not finite: lander 1, height$"):
        check_flown(observations, rewards, NEVER_DONE, infos, names=names)


def raw_rewards() -> Config:
    config = small_config()
    normalize = msgspec.structs.replace(config.normalize, rewards=False)
    return msgspec.structs.replace(config, normalize=normalize)


def test_a_finite_reward_with_an_infinite_loss_is_not_learned_from() -> None:
    bench = Bench(raw_rewards(), step=10, reward=3e19)
    before = bench.parameters()
    with pytest.raises(NotFiniteError, match=r"^return is not finite: lander 1, step 0 .*: .*e\+"):
        bench.learn(2000, spawn_task(bench))
    assert same(before, bench.parameters())


def test_an_infinite_loss_can_have_finite_gradients() -> None:
    """Why returns are checked: the gradients alone would not detect it."""
    bench = Bench(raw_rewards(), step=10, reward=3e19)
    before = bench.parameters()
    guard_updates(bench.model)
    bench.learn(128)
    assert not same(before, bench.parameters())
    with pytest.raises(NotFiniteError, match=r"^loss is not finite: train/(value_)?loss = inf$"):
        check_update(bench.model)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_parameters_and_optimisers_are_checked(algorithm: str) -> None:
    bench = Bench(small_config(algorithm=algorithm))
    bench.learn(128)
    model: Any = bench.model
    check_update(model)
    network = model.policy if algorithm == "ppo" else model.critic
    name, weight = next((n, p) for n, p in network.named_parameters() if p.dim() == 2)
    moments = network.optimizer.state[weight]["exp_avg_sq"]
    whole = "policy.optimizer" if algorithm == "ppo" else "critic.optimizer"
    for tensor, where in ((weight.data, name), (moments, rf"{whole}\.state\.\d+\.exp_avg_sq")):
        kept = tensor[0, 0].item()
        tensor[0, 0] = math.inf
        with pytest.raises(NotFiniteError, match=rf"^parameter is not finite: .*{where}$"):
            check_update(model)
        tensor[0, 0] = kept
        check_update(model)


def test_sacs_entropy_coefficient_is_checked() -> None:
    bench = Bench(small_config(algorithm="sac"))
    model: Any = bench.model
    model.log_ent_coef.data[0] = math.nan
    with pytest.raises(NotFiniteError, match="log_ent_coef"):
        check_update(model)
