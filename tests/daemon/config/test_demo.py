"""A demo's run has its own few stages and steps; so has one that an earlier version froze whole."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from daemon.config import Config, load_config
from daemon.config.demo import shortened
from daemon.config.frozen import encode_frozen, load_frozen


def frozen(folder: Path, config: Config) -> Config:
    file = folder / "config.json"
    file.write_bytes(encode_frozen(config))
    return load_frozen(file)


def demo(timesteps: int = 24_000_000) -> Config:
    return load_config(None, {"run": {"mode": "demo", "timesteps": timesteps}}).config


@pytest.mark.parametrize(
    ("configured", "asked", "steps"),
    [
        (24_000_000, None, 5_000_000),
        (20_000, None, 20_000),
        (24_000_000, 20_000, 20_000),
        (24_000_000, 7_000_000, 7_000_000),
    ],
)
def test_a_demo_is_frozen_with_what_it_will_train(
    tmp_path: Path, configured: int, asked: int | None, steps: int
) -> None:
    kept = frozen(tmp_path, shortened(demo(configured), asked))
    assert kept.run.timesteps == steps
    assert [stage.name for stage in kept.curriculum.stages] == ["touchdown", "approach"]
    longer = msgspec.structs.replace(kept, run=msgspec.structs.replace(kept.run, timesteps=10**7))
    assert frozen(tmp_path, longer).run.timesteps == 10**7  # raised by `start --timesteps`


def test_a_demo_of_an_earlier_version_is_read_as_it_trained(tmp_path: Path) -> None:
    kept = frozen(tmp_path, demo())
    assert (kept.run.timesteps, len(kept.curriculum.stages)) == (5_000_000, 2)


def test_other_modes_are_frozen_as_they_are(tmp_path: Path) -> None:
    config = load_config(None).config
    assert shortened(config, 5) == config
    assert len(frozen(tmp_path, config).curriculum.stages) == 5
