"""What each run of a state folder is and has reached, from its folder alone.

Only the newest checkpoint's manifest is read, so that 500 runs take less than a second.
"""

from __future__ import annotations

import os

import msgspec

from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest, read_manifest, sequence_of
from daemon.config import ConfigError
from daemon.config.schema import RunSettings
from daemon.runs.metadata import RunMetadata, read_metadata
from daemon.runs.run_folder import all_runs, current_run, read_run_config


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A run, and the state of its newest checkpoint."""

    id: str
    metadata: RunMetadata
    current: bool
    settings: RunSettings | None  # None: its configuration cannot be read
    newest: Manifest | None  # the newest checkpoint with a readable manifest

    @property
    def name(self) -> str:
        """What people call it."""
        return self.metadata.name


def list_runs(paths: StatePaths) -> list[RunSummary]:
    """All runs, the newest first. Raises OSError."""
    current = current_run(paths)
    found = [summarize_run(run, current=run == current) for run in all_runs(paths)]
    return sorted(found, key=lambda one: (one.metadata.created_s, one.id), reverse=True)


def summarize_run(run: RunPaths, *, current: bool) -> RunSummary:
    """One run. Raises OSError."""
    try:
        settings = read_run_config(run).run
    except ConfigError:
        settings = None
    return RunSummary(
        id=run.id,
        metadata=read_metadata(run),
        current=current,
        settings=settings,
        newest=_newest_manifest(run),
    )


def _newest_manifest(run: RunPaths) -> Manifest | None:
    try:
        with os.scandir(run.checkpoints) as entries:
            names = [entry.name for entry in entries if entry.name[:1].isdigit()]
    except FileNotFoundError:
        return None
    for name in sorted(names, key=_sequence, reverse=True):
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
