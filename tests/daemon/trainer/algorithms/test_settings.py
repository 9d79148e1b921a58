"""A model that is loaded has the configuration's settings, each of them, not its archive's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from daemon.trainer.algorithms import factory
from daemon.trainer.algorithms.ppo import LEARNING_THREADS
from tests.daemon.trainer.conftest import small_config
from tests.daemon.trainer.corrupted import ALGORITHMS, Bench

TIMESTEPS = 100_000_000


def settings_of(model: Any) -> dict[str, Any]:
    """A model's settings by attribute, schedules by their values."""
    factory.anneal(model, model.configured, TIMESTEPS)
    found = {
        name: value
        for name, value in vars(model).items()
        if isinstance(value, int | float | str | tuple) and name[0] != "_"
    }
    schedules = {name: getattr(model, name, None) for name in ("clip_range", "lr_schedule")}
    found |= {name: one(1.0) for name, one in schedules.items() if callable(one)}
    if (buffer := getattr(model, "replay_buffer", None)) is not None:
        found["rows"] = buffer.buffer_size
    counters = {"num_timesteps", "seed", "current_learning_rate", "start_time"}
    return {name: value for name, value in found.items() if name not in counters}


def another(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(0.5 * number for number in value)
    if isinstance(value, int):
        return 2 * value
    return 0.75 * value or 0.125


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_setting_is_the_configurations(algorithm: str, tmp_path: Path) -> None:
    bench = Bench(small_config(algorithm=algorithm))
    archive = tmp_path / "model.zip"
    bench.model.save(archive)
    section = getattr(bench.config, algorithm)
    models: list[dict[str, Any]] = []
    for name in ("", *section.__struct_fields__):
        values = {name: another(getattr(section, name))} if name else {}
        config = msgspec.structs.replace(
            bench.config, **{algorithm: msgspec.structs.replace(section, **values)}
        )
        built = factory.build(config, bench.normalizer)
        loaded = factory.load(config, archive, bench.normalizer)
        built.configured = loaded.configured = config  # type: ignore[attr-defined]
        models.append(settings_of(built))
        assert settings_of(loaded) == models[-1], name
        if name:
            assert models[-1] != models[0], f"{name} changes no attribute"


def test_torch_has_as_many_threads_as_the_run_says(tmp_path: Path) -> None:
    bench = Bench(small_config(algorithm="ppo"))
    archive = tmp_path / "model.zip"
    bench.model.save(archive)
    before = torch.get_num_threads()
    try:
        for threads in (1, 3, 0):
            run = msgspec.structs.replace(bench.config.run, torch_threads=threads)
            config = msgspec.structs.replace(bench.config, run=run)
            for model in (
                factory.build(config, bench.normalizer),
                factory.load(config, archive, bench.normalizer),
            ):
                # 0 changes nothing: PPO learns on what the process had at its start.
                assert torch.get_num_threads() == (threads or 3)
                assert vars(model)["_threads"] == (threads or LEARNING_THREADS)
    finally:
        torch.set_num_threads(before)
