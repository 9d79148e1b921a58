"""How people name a run and a state of it: one notation for every verb.

    RUN          a run, by its id or its name; `current` is the current one
    STATE        a checkpoint or backup of the current run: its id, `newest` or `best`
    RUN/STATE    a checkpoint or backup of that run

A run's id begins with a date, a checkpoint's with its sequence of six digits, a name with a letter,
and names cannot be `current`, `newest`, `best` or `reference`, so that none is taken for another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from daemon.base.paths import RunPaths, StatePaths
from daemon.config.judging.explain import suggestion
from daemon.runs.metadata import read_metadata
from daemon.runs.names import RESERVED
from daemon.runs.run_folder import all_runs, current_run, find_run

CURRENT = "current"
SEPARATOR = "/"
_STATE_ID = re.compile(r"\d{6,}-\d+-[a-z]+")


class UnknownRunError(Exception):
    """No run, or more than one, is meant. The message is one line for the user."""


@dataclass(frozen=True)
class Reference:
    """What a text names. `run` None: the current one; `state` None: the verb's default."""

    run: str | None
    state: str | None


def parse_reference(text: str) -> Reference:
    """The run and the state in a text; neither needs to exist."""
    run, separator, state = text.partition(SEPARATOR)
    if separator:
        return Reference(run or None, state or None)
    if _STATE_ID.fullmatch(text) or text in RESERVED - {CURRENT}:
        return Reference(None, text)
    return Reference(text, None)


def resolve_run(paths: StatePaths, text: str) -> RunPaths:
    """The run with this id or name, or the current one. Raises UnknownRunError, OSError."""
    if text == CURRENT:
        if (current := current_run(paths)) is None:
            raise UnknownRunError(f"{paths.home}: no run yet; `landerctl start` creates one")
        return current
    if (run := find_run(paths, text)) is not None:
        return run
    named = list(_names(paths))
    found = [run for name, run in named if name == text]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(sorted(run.id for run in found))
        raise UnknownRunError(f"{text}: more than one run has this name; use an id: {ids}")
    known = [name for name, _ in named] + [run.id for _, run in named]
    raise UnknownRunError(
        f"{text}: no such run in {paths.runs}{suggestion(text, known)}; `landerctl runs` lists them"
    )


def _names(paths: StatePaths) -> Iterator[tuple[str, RunPaths]]:
    for run in all_runs(paths):
        yield read_metadata(run).name, run
