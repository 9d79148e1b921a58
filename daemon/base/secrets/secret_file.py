"""Reading a file with a secret: the one rule for all of them."""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path

MAX_BYTES = 1 << 20


class SecretFileError(Exception):
    """The file is refused. The message is one line for the user, without the file's content."""


def read_secret_file(path: Path) -> bytes:
    """The content of a plain file that is this user's own and open to no one else.

    Raises SecretFileError.
    """
    try:
        # Not blocking: opening a pipe would wait for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            if fault := permission_fault(path, os.fstat(descriptor)):
                raise SecretFileError(fault)
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise SecretFileError(f"{path}: {error.strerror}") from None
    except ValueError:  # a name with a NUL character
        raise SecretFileError(f"{str(path)!r}: is not a file's name") from None
    if len(content) > MAX_BYTES:
        raise SecretFileError(f"{path}: has more than {MAX_BYTES:,} bytes; is it the right file?")
    return content


def permission_fault(path: Path, found: os.stat_result) -> str:
    """Why a file may not hold a secret, and what to do; empty if it may."""
    if not stat.S_ISREG(found.st_mode):
        return f"{path}: is not a plain file"
    fix = f"run `chmod 600 {shlex.quote(str(path))}`"
    if found.st_uid != os.geteuid():
        return (
            f"{path}: holds a secret and belongs to user id {found.st_uid}, not to you "
            f"({os.geteuid()}); make it your own and {fix}"
        )
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        return f"{path}: holds a secret and is open to others (mode {mode:03o}); {fix}"
    return ""
