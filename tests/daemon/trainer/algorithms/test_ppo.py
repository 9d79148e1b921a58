"""What PPO's own rollout and update compute, against stable-baselines3's and torch's."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from stable_baselines3.common.running_mean_std import RunningMeanStd
from torch.nn import Linear, Sequential, Tanh

from daemon.trainer.algorithms.layers import run_layers
from daemon.trainer.algorithms.normalizer import add_to_statistics
from daemon.trainer.algorithms.rollout import Rollout
from daemon.trainer.algorithms.side_by_side import SideBySide
from tests.daemon.trainer.conftest import small_config
from tests.daemon.trainer.corrupted import Bench

NETWORK = Sequential(Linear(7, 16), Tanh(), Linear(16, 16), Tanh(), Linear(16, 3))


def gradients(layers: Any, rows: torch.Tensor) -> list[torch.Tensor]:
    NETWORK.zero_grad()
    layers(rows).square().mean().backward()
    return [
        parameter.grad.clone() for parameter in NETWORK.parameters() if parameter.grad is not None
    ]


def test_layers_compute_what_torch_computes() -> None:
    rows = torch.randn(64, 7)
    torch.testing.assert_close(run_layers(NETWORK, rows), NETWORK(rows))
    ours, theirs = gradients(partial(run_layers, NETWORK), rows), gradients(NETWORK, rows)
    torch.testing.assert_close(ours, theirs)
    given = rows.clone()
    with torch.no_grad():
        torch.testing.assert_close(run_layers(NETWORK, rows), NETWORK(rows))
    assert torch.equal(rows, given)


def test_statistics_are_those_of_all_rows() -> None:
    rows = np.random.default_rng(0).normal(1000.0, 0.5, (999, 4)).astype(np.float32)
    ours = RunningMeanStd(shape=(4,))
    for part in np.split(rows, 3):
        add_to_statistics(ours, part)
    exact = rows.astype(np.float64)
    first = RunningMeanStd(shape=(4,))
    first.update(exact)
    np.testing.assert_allclose(ours.mean, first.mean, rtol=1e-12)
    np.testing.assert_allclose(ours.var, first.var, rtol=1e-9)


def test_every_step_is_in_one_minibatch() -> None:
    numbers = torch.arange(10.0)
    rollout = Rollout(numbers.unsqueeze(1), numbers.unsqueeze(1), *[numbers] * 4)
    batches = list(rollout.minibatches(4))
    assert [len(batch.returns) for batch in batches] == [4, 4, 2]
    assert sorted(torch.cat([batch.returns for batch in batches]).tolist()) == numbers.tolist()
    assert all(torch.equal(part.squeeze(), b.returns) for b in batches for part in b)


@pytest.mark.parametrize("threads", [1, 2])
def test_both_are_computed_and_an_error_of_either_is_raised(threads: int) -> None:
    lanes = SideBySide(threads)
    assert lanes.both(lambda: 1, lambda: "two") == (1, "two")
    for first, second in ((lambda: 1 / 0, lambda: 2), (lambda: 1, lambda: 2 / 0)):
        with pytest.raises(ZeroDivisionError):
            lanes.both(first, second)


def test_both_threads_have_half_of_torchs(request: pytest.FixtureRequest) -> None:
    request.addfinalizer(partial(torch.set_num_threads, torch.get_num_threads()))
    lanes = SideBySide(4)
    torch.set_num_threads(1)  # as while a rollout is flown
    lanes.both(lambda: None, lambda: None)
    torch.set_num_threads(lanes.threads_each)
    assert lanes.both(torch.get_num_threads, torch.get_num_threads) == (2, 2)


def test_a_rollout_is_that_of_the_policy_and_learning_is_the_same_on_one_thread_or_two() -> None:
    learnt = []
    for threads in (1, 2):
        bench = Bench(small_config(algorithm="ppo"))
        model: Any = bench.model
        model._lanes = SideBySide(threads)
        torch.manual_seed(5)
        model.learn(model.n_steps * model.n_envs)
        learnt.append([parameter.clone() for parameter in model.policy.parameters()])
        if threads == 1:
            continue
        _, callback = model._setup_learn(1, reset_num_timesteps=False)
        model.collect_rollouts(model.env, callback, model.rollout_buffer, model.n_steps)
        rows = Rollout.of(model.rollout_buffer, model._settling, model.device)
        values, log_prob, _ = model.policy.evaluate_actions(rows.observations, rows.actions)
        # The ratio of the first minibatch is 1.
        torch.testing.assert_close(log_prob, rows.log_prob, rtol=0, atol=2e-5)
        flown = torch.from_numpy(model.rollout_buffer.values.ravel())
        torch.testing.assert_close(values.squeeze(-1), flown)
    assert all(torch.equal(one, two) for one, two in zip(*learnt, strict=True))
