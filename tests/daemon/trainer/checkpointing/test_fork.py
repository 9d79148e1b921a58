"""Trainings that a fork begins with: to the bit where nothing changed, else as the plan says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from daemon.backup.forking.fork import fork
from daemon.backup.forking.plan import plan_fork
from daemon.backup.restoring.find_state import verify_state
from daemon.base.exitcodes import TrainerExit
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import Manifest
from daemon.config import Config
from daemon.runs.creation import create_run
from daemon.runs.run_folder import read_run_config
from daemon.trainer.algorithms.model_archive import read_archive
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.checkpointing.ancestors import newest_gate
from daemon.trainer.checkpointing.save_restore import Trained, restore_training
from daemon.trainer.fleets import build_fleet
from tests.daemon.trainer.checkpointing.test_resume import (
    ROLLOUT,
    by_timesteps,
    contents,
    fly,
    metrics,
    two_stages,
)

ROLLOUTS = 5


def trained_parent(home: Path, algorithm: str, timesteps: int) -> RunPaths:
    """A parent that trained to its end, with a checkpoint after each iteration."""
    run = create_run(StatePaths(home), two_stages(algorithm=algorithm, timesteps=timesteps))
    assert fly(run) is TrainerExit.COMPLETED
    return run


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> RunPaths:
    return trained_parent(tmp_path_factory.mktemp("home"), "ppo", ROLLOUTS * ROLLOUT)


def changed(config: Config, **sections: dict[str, Any]) -> Config:
    return msgspec.structs.replace(
        config,
        **{
            name: msgspec.structs.replace(getattr(config, name), **settings)
            for name, settings in sections.items()
        },
    )


def forked(parent: RunPaths, state: Manifest, config: Config) -> RunPaths:
    paths = StatePaths(parent.folder.parents[1])
    plan = plan_fork(state, read_run_config(parent), config)
    assert plan.refused == []
    return fork(paths, verify_state(parent.checkpoints / state.id), config, plan)


def restored(run: RunPaths) -> Trained:
    """What a fork that has not trained begins with."""
    config = read_run_config(run)
    stages = config.curriculum.stages
    fleet = build_fleet(config, stages[0], config.run.n_envs)
    (manifest,) = list_checkpoints(run.checkpoints).whole
    return restore_training(
        run.checkpoints / manifest.id,
        config,
        fleet=fleet,
        normalizer=build_normalizer(config, fleet, training=True),
        stages=stages,
    )


def numbers_of(run: RunPaths, manifest: Manifest) -> dict[str, Any]:
    """All numbers of a checkpoint but the score of the best model, which is the fork's own."""
    found = contents(run, manifest)
    return {name: value for name, value in found.items() if name != "state best"}


def test_a_fork_with_nothing_changed_continues_to_the_bit(parent: RunPaths) -> None:
    states = by_timesteps(parent)
    begins = states[2 * ROLLOUT]
    run = forked(parent, begins, read_run_config(parent))
    assert fly(run) is TrainerExit.COMPLETED
    for timesteps in range(3 * ROLLOUT, (ROLLOUTS + 1) * ROLLOUT, ROLLOUT):
        assert metrics(run)[timesteps] == metrics(parent)[timesteps]
        expected = numbers_of(parent, states[timesteps])
        found = numbers_of(run, by_timesteps(run)[timesteps])
        different = [name for name in expected | found if expected.get(name) != found.get(name)]
        assert not different, f"at {timesteps}: {different[:5]}"


def test_a_regression_in_a_fork_returns_to_a_gate_of_its_parents(parent: RunPaths) -> None:
    config, states = read_run_config(parent), list_checkpoints(parent.checkpoints).whole
    (gate,) = (state for state in states if state.kind == "gate")
    before, after = (forked(parent, states[states.index(gate) + step], config) for step in (-1, 0))
    assert newest_gate(before, 1) is None
    assert newest_gate(after, 1) == parent.checkpoints / gate.id


def test_ppo_learns_on_with_another_fleet_and_its_learning_rate_reset(parent: RunPaths) -> None:
    begins = by_timesteps(parent)[2 * ROLLOUT]
    config = read_run_config(parent)
    config = changed(config, run={"n_envs": 4}, ppo={"learning_rate": 7e-4, "desired_kl": 0.02})
    run = forked(parent, begins, config)
    before = read_archive(parent.checkpoints / begins.id / "model.zip")
    begun = restored(run)
    assert begun.record.stage == begins.stage
    state = before.parameters["policy"]
    for name, tensor in begun.model.policy.state_dict().items():
        assert torch.equal(tensor, state[name])
    assert not np.any(begun.normalizer.returns)
    assert begun.normalizer.ret_rms.count > ROLLOUT
    begun.fleet.close()
    assert fly(run) is TrainerExit.COMPLETED
    logged = [one for one in metrics(run).values() if "train/learning_rate" in one]
    assert logged[0]["train/learning_rate"] == 7e-4
    last = list_checkpoints(run.checkpoints).whole[-1]
    after = read_archive(run.checkpoints / last.id / "model.zip").parameters["policy"]
    assert not torch.equal(after["action_net.weight"], state["action_net.weight"])


def test_a_new_model_keeps_the_stage_only(parent: RunPaths) -> None:
    begins = list_checkpoints(parent.checkpoints).whole[-2]
    config = changed(
        read_run_config(parent), network={"hidden": [8]}, run={"timesteps": 9 * ROLLOUT}
    )
    run = forked(parent, begins, config)
    begun = restored(run)
    assert (begun.record.stage, begun.record.gate_passed) == (begins.stage, False)
    assert begun.model.num_timesteps == begins.timesteps
    assert begun.normalizer.ret_rms.count < 1.0
    assert newest_gate(run, 1) is None
    begun.fleet.close()


def test_sac_fills_an_empty_buffer_before_it_learns_on(tmp_path: Path) -> None:
    parent = trained_parent(tmp_path, "sac", 256)
    begins = by_timesteps(parent)[256]
    section = {"sac": {"learning_starts": 150}}
    config = changed(read_run_config(parent), run={"n_envs": 4, "timesteps": 640}, **section)
    run = forked(parent, begins, config)
    assert fly(run) is TrainerExit.COMPLETED
    updated = [step for step, one in metrics(run).items() if "train/critic_loss" in one]
    # 64 steps an iteration: none up to 256 + 150.
    assert min(updated) == 448
    last = list_checkpoints(run.checkpoints).whole[-1]
    state = msgspec.json.decode((run.checkpoints / last.id / "training_state.json").read_bytes())
    assert state["buffer_began"] == 256


def test_another_seed_flies_on_and_draws_other_numbers(parent: RunPaths) -> None:
    begins = by_timesteps(parent)[2 * ROLLOUT]
    config = read_run_config(parent)
    drawn, seeds = [], []
    for seed in (config.run.seed, 7):
        begun = restored(forked(parent, begins, changed(config, run={"seed": seed})))
        flying = begun.fleet.snapshot().arrays["episode"]
        drawn.append(torch.randn(3))
        seeds.append((flying["seed"].tolist(), flying["next_seed"].tolist()))
        begun.fleet.close()
    assert not torch.equal(*drawn)
    assert seeds[0][0] == seeds[1][0]
    assert seeds[0][1] != seeds[1][1]
