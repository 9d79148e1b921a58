"""A trial's configuration: the base, what the sweep sets, its values; it disturbs nobody."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from daemon.config import Config, ConfigError, load_config
from daemon.config.load import check_values
from daemon.sweeps.spec.load import parse_sweep
from daemon.sweeps.spec.schema import SweepSpec
from daemon.sweeps.trial_config import trial_config

SECRET = "tgram://secret-token-1234/99"


def base() -> Config:
    return check_values(
        {
            "run": {"n_envs": 16},
            "notify": {"targets": [{"name": "phone", "url": SECRET}]},
            "reviews": {"targets": ["phone"]},
            "checks": {"ping_url_file": "/etc/ping"},
            "backup": {"directory": "/mnt/b", "targets": [{"name": "s3", "url": "s3://bucket"}]},
            "prometheus": {"enabled": True, "port": 9_000},
            "tensorboard": {"enabled": True, "port": 6_006},
            "tracking": {"enabled": True, "mlflow_uri": "http://host"},
            "rollback": {"triggers": {"disk-low": "off", "memory-growing": "rollback"}},
        },
        "mine.toml",
    )


def sweep(text: str = "") -> SweepSpec:
    return parse_sweep(Path("sweep.toml"), f"limits = {{ steps = 300_000, threads = 3 }}\n{text}")


def test_values_seed_steps_and_threads() -> None:
    spec = sweep('set = { run.mode = "standard", "alerts.swap-used.threshold" = 99.0 }')
    config = trial_config(base(), spec, {"ppo.gamma": 0.9, "network.hidden": [64, 64]}, 7)
    assert (config.run.mode, config.run.n_envs) == ("standard", 16)
    assert (config.ppo.gamma, config.network.hidden) == (0.9, [64, 64])
    assert (config.run.seed, config.run.timesteps) == (7, 300_000)
    assert (config.fleet.threads, config.run.torch_threads) == (3, 3)
    assert {one.threshold for one in config.alerts if one.name == "swap-used"} == {99.0}


def test_a_demo_has_its_own_stages_and_the_sweeps_steps() -> None:
    plain = load_config(None).config
    config = trial_config(plain, sweep('set.run.mode = "demo"'), {}, 1)
    assert (len(config.curriculum.stages), config.run.timesteps) == (2, 300_000)
    # As the file of a state folder, too: no rule is about a stage that is not there.
    assert check_values(msgspec.to_builtins(config), "config.toml") == config


def test_nothing_that_others_would_see() -> None:
    config = trial_config(base(), sweep(), {}, 1)
    assert not (config.notify.targets or config.reviews.targets or config.backup.targets)
    assert not (config.reviews.daily or config.reviews.weekly or config.checks.ping_url_file)
    assert not (config.prometheus.enabled or config.tensorboard.enabled or config.backup.directory)
    assert not config.tracking.enabled
    assert "rollback" not in {one.action for one in config.alerts}
    assert "disk-low" not in {one.name for one in config.alerts}


def test_what_the_sweep_keeps_but_no_port() -> None:
    kept = sweep("trial = { notify = true, exporter = true, tensorboard = true, offsite = true }")
    config = trial_config(base(), kept, {}, 1)
    assert [one.name for one in config.notify.targets] == config.reviews.targets == ["phone"]
    assert [one.name for one in config.backup.targets] == ["s3"]
    assert (config.prometheus.enabled, config.tensorboard.enabled) == (True, True)
    assert (config.prometheus.port, config.tensorboard.port, config.backup.directory) == (0, 0, "")


def test_values_that_do_not_fit_are_all_named() -> None:
    values = {"run.stage": 9, "fleet.dynamics_interval_s": 0.03, "ppo.gamma": 2.0}
    with pytest.raises(ConfigError) as caught:
        trial_config(base(), sweep(), values, 4)
    named = "run.stage = 9, fleet.dynamics_interval_s = 0.03, ppo.gamma = 2.0, seed 4"
    assert str(caught.value).startswith(f"{named}: 3 faults: ppo.gamma = 2.0: ")
    with pytest.raises(ConfigError, match="seed 4: alerts: none is named swap-usd; did you mean"):
        trial_config(base(), sweep('set."alerts.swap-usd.threshold" = 9.0'), {}, 4)
