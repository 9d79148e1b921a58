"""A policy is loaded so that processes forked afterwards can fly it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from daemon.trainer.checkpointing.save_restore import Trained, save_checkpoint
from daemon.trainer.curriculum.record import first_record
from daemon.trainer.evaluation.pilot_source import load_pilot
from tests.daemon.trainer.conftest import make_run, small_config
from tests.daemon.trainer.corrupted import Bench


def test_torch_has_one_thread_whatever_a_training_uses(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    before = torch.get_num_threads()
    request.addfinalizer(lambda: torch.set_num_threads(before))
    config = small_config(torch_threads=2)
    run = make_run(tmp_path / "run", config)
    bench = Bench(config)
    bench.normalizer.reset()
    record = first_record(config.curriculum.stages, 1)
    trained = Trained(bench.model, bench.normalizer, bench.fleet, record)
    manifest = save_checkpoint(run, config, "manual", trained)
    torch.set_num_threads(2)
    load_pilot(run.checkpoints / manifest.id, config)
    assert torch.get_num_threads() == 1
