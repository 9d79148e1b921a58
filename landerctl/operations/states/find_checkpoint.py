"""Finds a checkpoint or backup of one run by id or alias."""

from __future__ import annotations

import time
from pathlib import Path

from daemon.backup.catalog import scan
from daemon.backup.restoring.find_state import State, UnknownIdError, find_state
from daemon.backup.restoring.restorable import Restorable, restorables
from daemon.base.paths import RunPaths
from daemon.checkpoint.best import MIN_EPISODES
from daemon.checkpoint.catalog import list_checkpoints, newest_whole
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.config.judging.explain import suggestion
from daemon.rollback.selection.choose import choose
from daemon.rollback.selection.target import Best
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

# Names that can replace an id, and their description in the shell's completion.
NEWEST = "newest"
BEST = "best"
ALIASES = {NEWEST: "the newest whole checkpoint", BEST: "the best state, by its evaluations"}


def find_checkpoint_folder(run: RunPaths, backups: Path, id_: str) -> Path:
    """The folder of `find_checkpoint_state`. Raises Failure."""
    return find_checkpoint_state(run, backups, id_).folder


def find_checkpoint_state(run: RunPaths, backups: Path, id_: str) -> State:
    """The checkpoint or backup `id_`, which may be one of ALIASES, verified. Raises Failure."""
    try:
        if id_ == BEST:
            return _find_best(run, backups)
        if id_ != NEWEST:
            return find_state(run, backups, id_)
        found = newest_whole(run.checkpoints)
    except UnknownIdError:
        close = suggestion(id_, [*ALIASES, *state_ids(run, backups)])
        raise Failure(
            f"{id_}: run {run.id} has no checkpoint and no backup with this id{close}; "
            f"`landerctl backups --run {run.id}` lists them",
            Exit.NOT_FOUND,
        ) from None
    except DamagedCheckpointError as error:
        listed = f"`landerctl backups --run {run.id}` lists them"
        raise Failure(f"{error}; choose another, {listed}") from None
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None
    if found is None:
        raise Failure(f"{run.checkpoints}: no whole checkpoint yet", Exit.NOT_FOUND)
    return State(run.checkpoints / found.id, found)


def state_ids(run: RunPaths, backups: Path) -> list[str]:
    """The ids of a run's checkpoints and backups, in ascending sequence; none if unreadable."""
    try:
        return [state.id for state in _states(run, backups)]
    except OSError:
        return []


def _states(run: RunPaths, backups: Path) -> list[Restorable]:
    return restorables(run.id, list_checkpoints(run.checkpoints), scan(backups, run.id))


def _find_best(run: RunPaths, backups: Path) -> State:
    """The state that a rollback to `best` would take: the first that is whole. Raises OSError."""
    states = _states(run, backups)
    faults = []
    for candidate in choose(Best(), states, now_s=time.time(), tolerance=0.0).candidates:
        try:
            return find_state(run, backups, candidate.id)
        except DamagedCheckpointError as error:
            faults.append(str(error))
    why = "; ".join(faults) or f"none is evaluated, none has flown {MIN_EPISODES} episodes"
    raise Failure(
        f"{run.checkpoints}: no whole state can be the best: {why}; use {NEWEST!r} for the newest",
        Exit.NOT_FOUND,
    )
