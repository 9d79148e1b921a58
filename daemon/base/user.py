"""Users: their names, and the home folder of this process's.

A container or a service may run with a user id that the user database does not have: then there may
be neither.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from pathlib import Path


class NoFolderError(Exception):
    """A folder cannot be found, or its name is not text. The message is one line for the user."""


def home_folder(environ: Mapping[str, str]) -> Path | None:
    """HOME, or the folder in the user database (cron, ``env -i``); None if there is neither."""
    named = Path(environ.get("HOME", ""))
    if named.is_absolute():
        return named
    try:
        recorded = Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        return None
    return recorded if recorded.is_absolute() else None


def expand_home(path: str | Path) -> Path:
    """The path with a leading ``~`` or ``~user`` replaced. Raises NoFolderError."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise NoFolderError(f"{path}: no such home folder; give the path without ~") from None


def user_name(uid: int) -> str:
    """A user's name; ``uid N`` for one without."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
