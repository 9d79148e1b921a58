"""Replaces the text of a configuration file."""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from daemon.base.files import write_atomically
from daemon.base.secrets.redaction import HIDDEN
from daemon.config.read import lines_of
from daemon.config.secrets import TARGETS


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
    """The changed lines as a unified diff, without the lines around them; of the targets, which may
    hold secrets, no line. Both texts are TOML.
    """
    hidden = _lines_of_targets(before) | _lines_of_targets(after)
    found = difflib.unified_diff(
        before.splitlines(), after.splitlines(), str(path), str(path), n=0, lineterm=""
    )
    lines = [f"{line[0]}{HIDDEN}" if line[1:] in hidden else line for line in found if line]
    return "".join(f"{line}\n" for line in lines)


def _lines_of_targets(text: str) -> set[str]:
    lines = text.splitlines()
    begins = sorted((number, path) for path, number in lines_of(text).items())
    ends = [*(number for number, _ in begins[1:]), len(lines) + 1]
    return {
        line
        for (begin, path), end in zip(begins, ends, strict=False)
        if path.startswith(TARGETS)
        for line in lines[begin - 1 : end - 1]
        if line.strip()
    }


def _copies(path: Path) -> Iterator[Path]:
    yield path.with_name(f"{path.name}.bak")
    for number in count(2):
        yield path.with_name(f"{path.name}.bak.{number}")
