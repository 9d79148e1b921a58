"""The option --run."""

from __future__ import annotations

from typing import Annotated

import typer

from daemon.base.paths import RunPaths
from daemon.runs.references import UnknownRunError, resolve_run
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
    try:
        return resolve_run(session.paths, run_id)
    except UnknownRunError as error:
        raise Failure(f"--run {error}", Exit.NOT_FOUND) from None
