"""The option --run."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

import typer

from daemon.base.paths import RunPaths
from daemon.runs.references import SEPARATOR, UnknownRunError, resolve_run
from daemon.runs.run_folder import current_run
from landerctl.cli.arguments.completion import completer
from landerctl.cli.shared.session import Session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

RunId = Annotated[
    str | None,
    typer.Option(
        "--run",
        metavar="RUN",
        help="A run, by its id or name (default: the current one).",
        autocompletion=completer("runs"),
        show_default=False,
    ),
]


def find_run_folder(session: Session, run_id: str | None, purpose: str) -> RunPaths:
    """The folder of run `run_id`, or of the current one. Raises Failure: no run `purpose`."""
    if run_id is None:
        run = current_run(session.paths)
        text = f"{session.paths.home}: no run {purpose}; `landerctl start` creates one"
        if run is None:
            raise Failure(text, Exit.NOT_FOUND)
        return run
    return _named(session, run_id)


def find_run_id(session: Session, run_id: str, recorded: Collection[str]) -> str:
    """The id of the run that --run names. Raises Failure.

    `recorded`: ids of runs in the store, which has the records of a removed run until they expire.
    """
    return run_id if run_id in recorded else _named(session, run_id).id


def split_run(session: Session, text: str) -> tuple[RunPaths, str]:
    """The run that --run names, and the state behind it, "" if there is none. Raises Failure."""
    run, _, state = text.partition(SEPARATOR)
    try:
        return resolve_run(session.paths, run), state
    except UnknownRunError as error:
        raise Failure(f"--run {error}", Exit.NOT_FOUND) from None


def _named(session: Session, text: str) -> RunPaths:
    run, state = split_run(session, text)
    if state:
        only = text.partition(SEPARATOR)[0]
        raise Failure(f"--run {text}: names a state; write --run {only} for its run", Exit.USAGE)
    return run
