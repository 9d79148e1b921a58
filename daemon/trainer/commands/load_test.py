"""`load-test`: can a training resume from a staged state? Loads and checks all of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

import msgspec

from daemon.base.paths import RunPaths
from daemon.base.secrets.redacted_log import trace_text
from daemon.checkpoint.manifest import (
    MANIFEST,
    DamagedCheckpointError,
    decode_manifest,
    read_record_file,
    verify_files,
)
from daemon.config import ConfigError
from daemon.rollback.load_test import LoadTest
from daemon.runs.run_folder import read_run_config
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.checkpointing.rewind import find_not_finite
from daemon.trainer.checkpointing.save_restore import restore_training
from daemon.trainer.curriculum.training_plan import make_training_plan
from daemon.trainer.fleets import build_fleet
from daemon.trainer.health.errors import UnusableError


def load_test(run: RunPaths, folder: Path, *, output: TextIO) -> int:
    """Print a `LoadTest` of a run's staged state; returns 0 if a training can resume from it."""
    try:
        result = _load(run, folder)
    except (ConfigError, UnusableError, DamagedCheckpointError) as error:
        result = LoadTest(False, str(error))
    except (ArithmeticError, OSError, RuntimeError, ValueError) as error:
        print(trace_text(error), file=sys.stderr)
        result = LoadTest(False, f"{type(error).__name__}: {error}")
    output.write(msgspec.json.encode(result).decode() + "\n")
    output.flush()
    return 0 if result.ok else 1


def _load(run: RunPaths, folder: Path) -> LoadTest:
    content = read_record_file(folder, MANIFEST)
    manifest = decode_manifest(content, f"{folder.name}: {MANIFEST}")
    verify_files(folder, manifest)
    if broken := find_not_finite(folder, manifest):
        return LoadTest(False, f"{manifest.id}: {broken} is not finite")
    config = read_run_config(run)
    plan = make_training_plan(config)
    fleet = build_fleet(config, plan.stages[plan.first - 1], config.run.n_envs)
    normalizer = build_normalizer(config, fleet, training=True)
    trained = restore_training(
        folder, config, fleet=fleet, normalizer=normalizer, stages=plan.stages
    )
    print(f"{manifest.id} loads", file=sys.stderr)
    return LoadTest(True, f"{trained.model.num_timesteps:,} steps, all numbers finite")
