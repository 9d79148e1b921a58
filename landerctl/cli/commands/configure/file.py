"""The argument FILE of the verbs that change a configuration file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from daemon.config.read import UnreadableError, is_there, read_text
from landerctl.cli.shared.session import Session, named_path
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

File = Annotated[
    Path | None,
    typer.Argument(
        metavar="FILE",
        help="A configuration file (default: the one in use, of several the last).",
        parser=named_path,
        show_default=False,
    ),
]


def files_in_use(session: Session) -> tuple[Path, ...]:
    """The files that the daemon reads, or would read; the last overrides the others. Raises
    Failure.
    """
    return tuple(map(Path, session.sources().files))


def real_path(file: Path) -> Path:
    """Where a link leads: the file is replaced, not the link."""
    return Path(os.path.realpath(file))


def text_of(file: Path) -> str:
    """Raises Failure."""
    if not is_there(file):
        raise Failure(f"{file}: no such file", Exit.NOT_FOUND)
    try:
        return read_text(file)
    except UnreadableError as error:
        raise Failure(f"{file}: {error}", Exit.CONFIG) from None


def cannot_write(file: Path, error: OSError) -> Failure:
    """The failure of a write."""
    what = os.strerror(error.errno or 0)
    return Failure(f"{file}: cannot be written: {what}; nothing was changed", Exit.CANNOT_WRITE)
