"""What each run of a state folder is and has reached, from its folder alone.

Of a run's configuration only [run] is read, and only the newest checkpoint's manifest, so that 500
runs take less than a second.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Literal

import msgspec

from daemon.base.identity import flock_is_held
from daemon.base.malformed import MALFORMED
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest, read_manifest, sequence_of
from daemon.config import ConfigError
from daemon.config.schema import RunSettings
from daemon.runs.metadata import RunMetadata, read_metadata
from daemon.runs.run_folder import all_runs, current_run, read_run_config

RunState = Literal["training", "stopped", "completed"]


class DiskUse(msgspec.Struct, frozen=True):
    """Sizes in bytes. `other`: logs, plots, notes, and what else is in the run's folder."""

    checkpoints: int
    tensorboard: int
    evaluations: int
    other: int
    backups: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.checkpoints + self.tensorboard + self.evaluations + self.other + self.backups


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A run, and the state of its newest checkpoint."""

    id: str
    metadata: RunMetadata
    current: bool
    # training: a trainer of it runs; completed: its newest checkpoint is the final one.
    state: RunState
    gates: int  # checkpoints of gates that it passed
    settings: RunSettings | None  # None: its configuration cannot be read
    newest: Manifest | None  # the newest checkpoint with a readable manifest
    disk: DiskUse | None = None  # None: not measured

    @property
    def name(self) -> str:
        """What people call it."""
        return self.metadata.name


class _Frozen(msgspec.Struct):
    """What is read of a run's `config.json`."""

    run: RunSettings


def list_runs(paths: StatePaths) -> list[RunSummary]:
    """All runs, the newest first. Raises OSError."""
    current = current_run(paths)
    found = [summarize_run(run, current=run == current) for run in all_runs(paths)]
    return sorted(found, key=lambda one: (one.metadata.created_s, one.id), reverse=True)


def summarize_run(run: RunPaths, *, current: bool) -> RunSummary:
    """One run. Raises OSError."""
    names = checkpoint_names(run)
    newest = _newest_manifest(run, names)
    return RunSummary(
        id=run.id,
        metadata=read_metadata(run),
        current=current,
        state=_state(run, newest),
        gates=sum(name.endswith("-gate") for name in names),
        settings=_settings(run),
        newest=newest,
    )


def checkpoint_names(run: RunPaths) -> list[str]:
    """The folders of its checkpoints, the newest first; nothing is read of them."""
    try:
        with os.scandir(run.checkpoints) as entries:
            names = [entry.name for entry in entries if entry.name[:1].isdigit()]
    except FileNotFoundError:
        return []
    return sorted(names, key=_sequence, reverse=True)


def _state(run: RunPaths, newest: Manifest | None) -> RunState:
    if flock_is_held(run.lease):
        return "training"
    return "completed" if newest is not None and newest.kind == "final" else "stopped"


def _settings(run: RunPaths) -> RunSettings | None:
    try:
        return msgspec.json.decode(run.config.read_bytes(), type=_Frozen).run
    except MALFORMED:
        pass  # of an earlier version, perhaps
    try:
        return read_run_config(run).run
    except ConfigError:
        return None


def _newest_manifest(run: RunPaths, names: Sequence[str]) -> Manifest | None:
    for name in names:
        try:
            return read_manifest(run.checkpoints / name)
        except (DamagedCheckpointError, NotADirectoryError):
            continue
    return None


def _sequence(name: str) -> int:
    try:
        return sequence_of(name)
    except ValueError:
        return -1
