"""Short clonings on a real fleet."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from stable_baselines3.common.running_mean_std import RunningMeanStd

from daemon.trainer.algorithms import factory
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.algorithms.ppo import FleetPPO
from daemon.trainer.cloning.clone import Cloned, Cloning
from daemon.trainer.cloning.plan import CloningPlan
from daemon.trainer.curriculum.training_plan import make_training_plan
from daemon.trainer.evaluation.policy_pilot import PolicyPilot
from daemon.trainer.fleets import build_fleet
from tests.daemon.trainer.cloning.short import SHORT
from tests.daemon.trainer.conftest import small_config


class Clone:
    """A cloning from the beginning to its end, or to `most` rollouts."""

    def __init__(self, plan: CloningPlan, *, seed: int = 1, most: int = 1000) -> None:
        config = small_config(mode="curriculum", seed=seed)
        training = make_training_plan(config)
        fleet = build_fleet(config, training.stages[0], config.run.n_envs)
        self.normalizer = build_normalizer(config, fleet, training=True)
        model = factory.build(config, self.normalizer)
        assert isinstance(model, FleetPPO)
        self.model, self.progress = model, list[tuple[int, int]]()
        torch.rand(seed)  # what others draw before has no effect
        cloning = Cloning(model, self.normalizer, config=config, training=training, plan=plan)

        def go_on(done: int, total: int) -> bool:
            self.progress.append((done, total))
            return done < most

        self.cloned: Cloned | None = cloning.run(go_on)
        cloning.close()
        fleet.close()

    @property
    def digest(self) -> str:
        """Of what decides the clone's actions."""
        return PolicyPilot(self.model, self.normalizer).digest


@pytest.fixture(scope="module")
def clone() -> Clone:
    return Clone(SHORT)


def test_a_cloning_that_begins_again_gives_the_same_clone(clone: Clone) -> None:
    again = Clone(SHORT)
    assert again.digest == clone.digest
    assert again.normalizer.ret_rms.var == clone.normalizer.ret_rms.var
    values = [one.model.policy.value_net.weight for one in (clone, again)]
    assert torch.equal(*values)
    assert Clone(SHORT, seed=2).digest != clone.digest


def test_it_states_what_it_flew_and_reports_each_rollout(clone: Clone) -> None:
    assert clone.cloned is not None
    assert clone.cloned.environment_steps == SHORT.environment_steps == 4 * 16 * 5
    assert 0 < clone.cloned.samples <= SHORT.capacity == 4 * 16 * 3 // 2
    assert clone.progress == [(done, 5) for done in range(1, 6)]
    assert clone.model.num_timesteps == 0


def test_ppo_begins_with_small_steps_around_the_clone(clone: Clone) -> None:
    assert torch.all(clone.model.policy.log_std == SHORT.log_std)
    assert clone.model.current_learning_rate == SHORT.ppo_learning_rate
    moments = clone.normalizer.obs_rms
    assert isinstance(moments, RunningMeanStd)
    assert moments.count == pytest.approx(512)  # run.timesteps: they hardly move any more
    assert np.isfinite(moments.mean).all()


def test_an_interrupted_cloning_has_no_result() -> None:
    stopped = Clone(SHORT, most=2)
    assert stopped.cloned is None
    assert stopped.progress[-1] == (2, 5)


def test_the_mean_action_approaches_the_pilots() -> None:
    plan = dataclasses.replace(
        SHORT, landers=16, rollouts=6, rollout_steps=32, batches=80, batch_size=128
    )
    short = Clone(dataclasses.replace(plan, batches=1)).cloned
    longer = Clone(plan).cloned
    assert short is not None and longer is not None
    assert longer.loss < 0.5 * short.loss
    assert math.isfinite(longer.explained_variance)
