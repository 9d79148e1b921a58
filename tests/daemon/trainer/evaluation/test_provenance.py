"""Fingerprints change with all that a result depends on, and with nothing else."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from stable_baselines3.common.running_mean_std import RunningMeanStd

from daemon.config import Config, load_config
from daemon.runs.evaluations import Provenance
from daemon.trainer.algorithms import factory
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.evaluation.policy_pilot import PolicyPilot
from daemon.trainer.evaluation.provenance import describe_provenance, differing_environment
from daemon.trainer.fleets import build_fleet
from tests.daemon.trainer.conftest import small_config

CONFIG = load_config(None).config


def described(config: Config = CONFIG, stage: int = 1, **changes: Any) -> Provenance:
    given: dict[str, Any] = {"policy": "p", "first_seed": 7, "episodes": 100}
    given |= changes
    return describe_provenance(config, config.curriculum.stages[stage - 1], **given)


@pytest.mark.parametrize(
    "overrides",
    [
        {"fleet": {"control_interval_s": 0.2}},
        {"fleet": {"vehicle": "apollo-lm"}},
        {"terrain": {"local_relief": 0.5}},
        {"sensors": {"noise": 0.0}},
    ],
)
def test_the_environment_is_in_the_fingerprint(overrides: dict[str, Any]) -> None:
    other = described(load_config(None, overrides).config)
    assert other.environment != described().environment
    assert other.fingerprint != described().fingerprint


@pytest.mark.parametrize(
    "change",
    [{"stage": 2}, {"policy": "q"}, {"first_seed": 8}, {"episodes": 99}],
)
def test_pilot_stage_and_seeds_are_in_the_fingerprint(change: dict[str, Any]) -> None:
    assert described(**change).fingerprint != described().fingerprint


def test_how_it_is_trained_is_not() -> None:
    overrides = {"ppo": {"gamma": 0.9}, "fleet": {"threads": 1}, "run": {"seed": 5, "n_envs": 9}}
    assert described(load_config(None, overrides).config) == described()


def test_what_differs_is_named() -> None:
    noisy = load_config(None, {"sensors": {"noise": 2.0}}).config
    assert differing_environment(CONFIG, noisy, 3) == {"sensors.noise": "2.0 instead of 1.0"}
    assert differing_environment(CONFIG, CONFIG, 3) == {}
    assert "no stage 6" in differing_environment(CONFIG, CONFIG, 6)["number of curriculum.stages"]


def test_equal_policies_have_equal_digests() -> None:
    config = small_config()
    fleet = build_fleet(config, config.curriculum.stages[0], 2)
    normalizer = build_normalizer(config, fleet, training=False)
    model = factory.build(config, normalizer)
    pilot = PolicyPilot(model, normalizer)
    before = pilot.digest
    assert PolicyPilot(model, build_normalizer(config, fleet, training=False)).digest == before
    with torch.no_grad():
        next(model.policy.parameters()).add_(1e-3)
    changed = pilot.digest
    assert changed != before
    assert isinstance(normalizer.obs_rms, RunningMeanStd)
    normalizer.obs_rms.mean[0] += 1.0
    assert pilot.digest not in (before, changed)
    fleet.close()
