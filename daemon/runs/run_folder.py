"""Runs: one folder each with a frozen configuration, and the pointer to the current run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from daemon.base.files import write_atomically
from daemon.base.paths import RunPaths, StatePaths
from daemon.config.frozen import encode_frozen, load_frozen
from daemon.config.judging.error import ConfigError
from daemon.config.schema import Config

# At most as long as every file system takes for a name.
_RUN_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$")


def all_runs(paths: StatePaths) -> Iterator[RunPaths]:
    """Every run with a configuration, in ascending order of the ids. Raises OSError."""
    try:
        with os.scandir(paths.runs) as entries:
            names = sorted(entry.name for entry in entries if _RUN_ID.match(entry.name))
    except FileNotFoundError:
        return
    for name in names:
        run = paths.run(name)
        if run.config.is_file():
            yield run


def write_run_config(run: RunPaths, config: Config) -> None:
    """Freeze a run's configuration. Raises OSError."""
    write_atomically(run.config, encode_frozen(config))


def read_run_config(run: RunPaths) -> Config:
    """The configuration that the run was created with. Raises ConfigError."""
    try:
        return load_frozen(run.config)
    except ConfigError as error:
        raise ConfigError(f"{error}; start a new run with `landerctl start --fresh`") from None


def current_run(paths: StatePaths) -> RunPaths | None:
    """The current run; None if there is none or its folder is missing."""
    try:
        run_id = paths.current.read_text(encoding="utf-8").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    return find_run(paths, run_id)


def find_run(paths: StatePaths, run_id: str) -> RunPaths | None:
    """The run with this id; None if it does not exist or the id is invalid."""
    if not _RUN_ID.match(run_id):
        return None
    run = paths.run(run_id)
    return run if run.folder.is_dir() else None


def set_current(paths: StatePaths, run_id: str) -> None:
    """Make a run the current one. Raises OSError, and ValueError for an invalid id."""
    if not _RUN_ID.match(run_id):
        raise ValueError(f"{run_id!r} is not a run's id")
    write_atomically(paths.current, f"{run_id}\n".encode())
