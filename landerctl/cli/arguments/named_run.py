"""The argument RUN."""

from __future__ import annotations

from typing import Annotated

import typer

from daemon.base.paths import RunPaths
from daemon.runs.references import UnknownRunError, resolve_run
from landerctl.cli.arguments.completion import completer
from landerctl.cli.shared.session import Session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

NamedRun = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A run: its id, its name, or 'current'.",
        autocompletion=completer("runs"),
        show_default=False,
    ),
]


def named_run(session: Session, text: str) -> RunPaths:
    """The folder of the run that RUN names. Raises Failure."""
    try:
        return resolve_run(session.paths, text)
    except UnknownRunError as error:
        raise Failure(str(error), Exit.NOT_FOUND) from None
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}", Exit.CANNOT_WRITE) from None
