"""A small training on a real fleet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from daemon.base.paths import RunPaths
from daemon.config import Config, load_config


def small_config(**run: Any) -> Config:
    """Four landers, short rollouts: a few hundred steps train in a second."""
    overrides = {
        "run": {"n_envs": 4, "timesteps": 512, "mode": "standard"} | run,
        "fleet": {"threads": 1},
        "network": {"hidden": [16]},
        "ppo": {"n_steps": 32, "batch_size": 32, "n_epochs": 2},
        "sac": {"buffer_size": 2000, "learning_starts": 64, "batch_size": 32, "gradient_steps": 1},
        "td3": {"buffer_size": 2000, "learning_starts": 64, "batch_size": 32, "gradient_steps": 1},
        "checkpoints": {"interval_steps": 256},
    }
    return load_config(None, overrides).config


@pytest.fixture
def run(tmp_path: Path) -> RunPaths:
    """A run's folder with a small PPO configuration."""
    return make_run(tmp_path / "run", small_config())


def make_run(folder: Path, config: Config) -> RunPaths:
    """A run's folder as `landerctl start` creates it."""
    folder.mkdir(mode=0o700)
    paths = RunPaths(folder)
    paths.config.write_bytes(msgspec.json.encode(config))
    return paths
