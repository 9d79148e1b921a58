"""Whether a file can be written, asked before the work that makes its content."""

from __future__ import annotations

import tempfile
from pathlib import Path

from landerctl.exitcodes import Exit
from landerctl.failure import Failure


def check_new_file(path: Path, *, force: bool, option: str = "") -> None:
    """Raise Failure if a file cannot be written, or exists and is not to be replaced (`force`).

    `option`: where the command line names it.
    """
    named = f"{option} {path}".lstrip()
    if path.exists() and not path.is_file():
        raise Failure(f"{named}: is not a plain file; name another", Exit.CANNOT_WRITE)
    if not force and path.exists():
        raise Failure(f"{named}: exists; replace it with --force", Exit.CANNOT_WRITE)
    if not path.parent.is_dir():
        raise Failure(f"{named}: no such folder {path.parent}", Exit.CANNOT_WRITE)
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise Failure(f"{named}: {path.parent}: {error.strerror}", Exit.CANNOT_WRITE) from None
