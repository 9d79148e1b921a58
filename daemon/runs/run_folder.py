"""Runs: one folder each with a frozen configuration, and the pointer to the current run."""

from __future__ import annotations

import os
import re
import shutil
import time

from daemon.base.files import make_private_folder, write_atomically
from daemon.base.paths import RunPaths, StatePaths
from daemon.config.frozen import encode_frozen, load_frozen
from daemon.config.load import ConfigError
from daemon.config.schema import Config
from daemon.runs import notes

# At most as long as every file system takes for a name.
_RUN_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$")


def create_run(paths: StatePaths, config: Config, created_s: float | None = None) -> RunPaths:
    """Create a run's folder with its frozen configuration; the current run does not change.

    `created_s` (Unix, now by default) is in the id, as local time. Raises OSError; then nothing
    is left.
    """
    instant = time.localtime(time.time() if created_s is None else created_s)
    kind = f"{config.run.mode}-{config.run.algorithm}"
    make_private_folder(paths.runs, parents=True)
    run = _claim_folder(paths, f"{time.strftime('%Y%m%d-%H%M%S', instant)}-{kind}")
    try:
        for folder in (run.checkpoints, run.tensorboard, run.evaluations):
            make_private_folder(folder)
        write_run_config(run, config)
        write_atomically(run.notes, notes.BLANK.encode())
    except OSError:
        shutil.rmtree(run.folder, ignore_errors=True)
        raise
    return run


def _claim_folder(paths: StatePaths, stem: str) -> RunPaths:
    """A new folder: one that a start of the same second has just created is not shared."""
    while True:
        run = paths.run(f"{stem}-{os.urandom(2).hex()}")
        try:
            run.folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return run


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
