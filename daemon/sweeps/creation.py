"""Creating a sweep: its folder appears whole, by one rename, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec

from daemon.base.files import fsync_path, make_private_folder, write_atomically
from daemon.base.leftovers import temporary_beside, unfinished
from daemon.base.malformed import MALFORMED
from daemon.base.paths import StatePaths
from daemon.config.judging.error import ConfigError
from daemon.config.layering.sources import Sources
from daemon.config.load import check_values
from daemon.config.schema import Config
from daemon.runs.names import made_up_name, name_fault
from daemon.sweeps.paths import SweepPaths, sweep_paths, sweeps_folder
from daemon.sweeps.spec.base import base_faults, objective_faults
from daemon.sweeps.spec.load import load_sweep, located_error
from daemon.sweeps.spec.schema import SweepSpec
from daemon.sweeps.store.sweep_store import SweepStore
from daemon.sweeps.trial_config import muted, trial_config

NO_SOURCES = Sources()
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST)


class SweepNameError(Exception):
    """A sweep cannot have this name; the message is one line for the user."""


def check_sweep(file: Path, text: str, spec: SweepSpec, base: Config) -> None:
    """Judge a sweep with its base configuration; `file` names its text in errors.

    Raises ConfigError, which lists all faults: of the base with what the sweep sets, or of what
    does not fit it.
    """
    faults = list(base_faults(spec, base))
    if not faults:
        try:
            config = trial_config(base, spec, {}, spec.seeds.first)
        except ConfigError as error:
            raise ConfigError(f"{file}: the base configuration with set: {error}") from None
        faults = list(objective_faults(spec, len(config.curriculum.stages)))
    if faults:
        raise located_error(file, text, faults)


def create_sweep(
    paths: StatePaths,
    name: str,
    text: str,
    spec: SweepSpec,
    base: Config,
    *,
    sources: Sources = NO_SOURCES,
) -> SweepPaths:
    """Create the folder of a sweep: the text of its file, its base configuration, an empty store.

    `name`: a made-up one if it is empty. `sources`: of the base, and of who is notified. What
    killed creations left is removed first. Raises SweepNameError, ConfigError (see `check_sweep`),
    SweepStoreError, OSError; then nothing is left.
    """
    folder = sweeps_folder(paths)
    sweep = sweep_paths(paths, _checked_name(folder, name))
    check_sweep(sweep.spec, text, spec, base)
    make_private_folder(folder, parents=True)
    for leftover in unfinished(folder):
        shutil.rmtree(leftover)
    building = SweepPaths(temporary_beside(sweep.folder))
    try:
        _build(building, text, muted(base, spec.trial), sources)
        building.folder.rename(sweep.folder)
    except BaseException as error:
        shutil.rmtree(building.folder, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in _TAKEN and sweep.folder.exists():
            raise _taken(sweep) from None
        raise
    fsync_path(folder)
    return sweep


def read_spec(sweep: SweepPaths) -> SweepSpec:
    """The sweep as it was run. Raises ConfigError."""
    return load_sweep(sweep.spec)


def read_base(sweep: SweepPaths) -> Config:
    """The base configuration as it was at the creation; settings added since have their defaults.

    Raises ConfigError.
    """
    try:
        values = msgspec.json.decode(sweep.base.read_bytes(), type=dict[str, Any])
    except OSError as error:
        raise ConfigError(f"{sweep.base}: {os.strerror(error.errno or 0)}") from None
    except MALFORMED as error:
        raise ConfigError(f"{sweep.base}: {error}") from None
    return check_values(values, str(sweep.base))


def read_sources(sweep: SweepPaths) -> Sources:
    """What the base configuration was read from; no files of a sweep of an older version.

    Raises ConfigError.
    """
    try:
        return msgspec.json.decode(sweep.sources.read_bytes(), type=Sources)
    except FileNotFoundError:
        return NO_SOURCES
    except OSError as error:
        raise ConfigError(f"{sweep.sources}: {os.strerror(error.errno or 0)}") from None
    except MALFORMED as error:
        raise ConfigError(f"{sweep.sources}: {error}") from None


def sweep_names(paths: StatePaths) -> list[str]:
    """The names of all sweeps of a state folder, sorted. Raises OSError."""
    return sorted(_names(sweeps_folder(paths)))


def _build(building: SweepPaths, text: str, base: Config, sources: Sources) -> None:
    building.folder.mkdir(mode=0o700)
    make_private_folder(building.trials)
    write_atomically(building.spec, text.encode())
    encoded = msgspec.json.format(msgspec.json.encode(base), indent=2)
    write_atomically(building.base, encoded + b"\n")
    # Variables may be secret: the coordinator has those of its own environment.
    named = msgspec.structs.replace(sources, variables={})
    write_atomically(building.sources, msgspec.json.encode(named))
    SweepStore.create(building.store)
    fsync_path(building.folder)


def _checked_name(folder: Path, name: str) -> str:
    if not name:
        return made_up_name(os.urandom(8).hex(), _names(folder))
    if fault := name_fault(name):
        raise SweepNameError(f"{name!r} is no name for a sweep: {fault}")
    if (folder / name).exists():
        raise _taken(SweepPaths(folder / name))
    return name


def _taken(sweep: SweepPaths) -> SweepNameError:
    return SweepNameError(
        f"sweep {sweep.id} exists already: choose another name, or continue it by "
        f"`landerctl sweep resume {sweep.id}`"
    )


def _names(folder: Path) -> Collection[str]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries if not entry.name.startswith(".")}
    except FileNotFoundError:
        return set()
