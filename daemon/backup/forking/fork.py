"""Carries a fork out: the new run appears whole, by one rename, or not at all."""

from __future__ import annotations

import time
from collections.abc import Collection
from pathlib import Path

import msgspec

from daemon.backup.content import create_private
from daemon.backup.forking.plan import ForkPlan
from daemon.backup.forking.state import adapt_state, judged_anew, kept_files
from daemon.backup.restoring.find_state import State
from daemon.backup.verification.verify import extract_checkpoint
from daemon.base.failpoint import failpoint
from daemon.base.files import fsync_path
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import (
    MANIFEST,
    Manifest,
    checkpoint_id,
    digest_file,
    encode_record,
    read_record_file,
    seal,
)
from daemon.checkpoint.measured import STATE_FILE
from daemon.config.schema import Config
from daemon.runs.creation import create_run
from daemon.runs.metadata import Parent


def fork(
    paths: StatePaths,
    state: State,
    config: Config,
    plan: ForkPlan,
    *,
    name: str | None = None,
    tags: Collection[str] = (),
) -> RunPaths:
    """Create the run that continues a verified state with `config`; the parent is only read.

    Its first checkpoint, of kind 'fork', is the state as far as the plan carries it over. The
    current run does not change. Raises DamagedCheckpointError, OSError; then nothing is left.
    """
    created_s = time.time()

    def fill(building: RunPaths, run_id: str) -> None:
        failpoint("fork.begun")
        _place(state, building.checkpoints, run_id, plan, created_s)

    parent = Parent(plan.run_id, plan.state, plan.timesteps, tuple(plan.begins_anew))
    run = create_run(paths, config, created_s, name=name, tags=tags, parent=parent, fill=fill)
    failpoint("fork.committed")
    return run


def _place(state: State, checkpoints: Path, run_id: str, plan: ForkPlan, created_s: float) -> None:
    kept = kept_files(state.manifest, plan.begins_anew)
    folder = checkpoints / checkpoint_id(1, kept.timesteps, "fork")
    folder.mkdir(mode=0o700)
    extract_checkpoint(kept, state.folder, folder)
    failpoint("fork.copied")
    adapted = adapt_state(read_record_file(folder, STATE_FILE), plan)
    (folder / STATE_FILE).unlink()
    _write(folder / STATE_FILE, adapted)
    failpoint("fork.adapted")
    manifest = _manifest(kept, folder, run_id, plan, created_s)
    _write(folder / MANIFEST, encode_record(manifest))
    for path in (folder, checkpoints):
        fsync_path(path)
    failpoint("fork.sealed")


def _manifest(
    kept: Manifest, folder: Path, run_id: str, plan: ForkPlan, created_s: float
) -> Manifest:
    manifest = msgspec.structs.replace(
        kept,
        id=folder.name,
        sequence=1,
        run_id=run_id,
        kind="fork",
        created_s=created_s,
        ramp_step=plan.ramp_step,
        restored_from=None,
        files=kept.files | {STATE_FILE: digest_file(folder / STATE_FILE)},
    )
    if judged_anew(plan):
        manifest = msgspec.structs.replace(
            manifest, episodes=0, success_rate=None, reward_mean=None
        )
    return seal(manifest)


def _write(path: Path, content: bytes) -> None:
    with create_private(path) as stream:
        stream.write(content)
