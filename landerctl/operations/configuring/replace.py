"""Replaces the text of a configuration file."""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from daemon.base.files import write_atomically
from daemon.base.secrets.redaction import redact


def replace_text(path: Path, text: str) -> None:
    """Write a file as a whole; one that exists keeps its mode and owner. Raises OSError."""
    try:
        before = path.stat()
    except FileNotFoundError:
        before = None
    write_atomically(path, text.encode())
    if before is not None:
        path.chmod(stat.S_IMODE(before.st_mode))
        if before.st_uid != os.geteuid():  # root changes the file of another user
            os.chown(path, before.st_uid, before.st_gid)


def keep_copy(path: Path) -> Path:
    """Copy a file to ``<name>.bak``, or ``<name>.bak.2`` and so on: none is overwritten; mode 0600.

    Raises OSError.
    """
    copy = next(one for one in _copies(path) if not os.path.lexists(one))
    write_atomically(copy, path.read_bytes())
    return copy


def difference(path: Path, before: str, after: str) -> str:
    """The changed lines as a unified diff, without the lines around them: secrets may be there."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), str(path), str(path), n=0, lineterm=""
    )
    return "".join(f"{redact(line)}\n" for line in lines)


def _copies(path: Path) -> Iterator[Path]:
    yield path.with_name(f"{path.name}.bak")
    for number in count(2):
        yield path.with_name(f"{path.name}.bak.{number}")
