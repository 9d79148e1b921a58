"""Finds the run and the state that a text names: STATE, RUN or RUN/STATE, for every verb."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from daemon.base.paths import RunPaths, StatePaths
from daemon.config.judging.explain import suggestion
from daemon.protocol.flight import REFERENCE
from daemon.runs.metadata import read_metadata
from daemon.runs.references import CURRENT, SEPARATOR, UnknownRunError, parse_reference, resolve_run
from daemon.runs.run_folder import all_runs, current_run
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.states.find_checkpoint import (
    ALIASES,
    NEWEST,
    find_checkpoint_folder,
    state_ids,
)


@dataclass(frozen=True)
class NamedState:
    """A state of a run: the folder of its checkpoint or backup, verified."""

    run: RunPaths
    folder: Path


def find_named_state(paths: StatePaths, backups: Path, text: str) -> NamedState:
    """The state that a text names. `backups`: the folder of the backups. Raises Failure."""
    run, state = split_named_state(paths, backups, text)
    return NamedState(run, find_checkpoint_folder(run, backups, state))


def split_named_state(paths: StatePaths, backups: Path, text: str) -> tuple[RunPaths, str]:
    """The run that a text names, and the state: an id, a name in ALIASES or REFERENCE.

    The state, which needs not exist, is NEWEST if the text names a run alone. Raises Failure.
    """
    reference = parse_reference(text)
    try:
        return resolve_run(paths, reference.run or CURRENT), reference.state or NEWEST
    except UnknownRunError as error:
        current = current_run(paths)
        if SEPARATOR in text or current is None:
            raise Failure(str(error), Exit.NOT_FOUND) from None
    raise unknown_name(paths, current, text, [*ALIASES, REFERENCE, *state_ids(current, backups)])


def unknown_name(
    paths: StatePaths, current: RunPaths, text: str, states: Collection[str]
) -> Failure:
    """The error for a text that names neither a run nor one of the current run's `states`."""
    known = list(states)
    for run in all_runs(paths):
        known += [read_metadata(run).name, run.id]
    return Failure(
        f"{text}: no run and no state of run {current.id} has this name{suggestion(text, known)}; "
        "`landerctl runs` and `landerctl backups` list them",
        Exit.NOT_FOUND,
    )


def state_name(paths: StatePaths, run: RunPaths, state: str) -> str:
    """How a command names a run's state: without the run if it is the current one."""
    return state if run == current_run(paths) else f"{run.id}{SEPARATOR}{state}"
