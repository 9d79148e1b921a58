"""Writes that survive power loss: temporary file, fsync, rename, fsync of the folder."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from daemon.base.leftovers import half_removed, temporary_beside, unfinished
from daemon.base.text.log_line import log_line

MAX_LOG_BYTES = 10_000_000


def fsync_path(path: Path) -> None:
    """Flush a file or folder to the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content replaces `path` as a whole, mode 0600, at the end of the block.

    If the block raises, `path` is as it was. Raises OSError.
    """
    temporary = temporary_beside(path)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    fsync_path(path.parent)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` as a whole, mode 0600: old content or new, never a mix. Raises OSError."""
    with replacing(path) as stream:
        stream.write(content)


def open_log(path: Path, writer: str = "") -> int:
    """A descriptor that appends to a log, mode 0600. Raises OSError.

    A log over MAX_LOG_BYTES is first renamed to ``<name>.1``, replacing the previous one. A line
    with the time says that the output of `writer`, if named, begins: it may print lines without
    one.
    """
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > MAX_LOG_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if writer:
        begins = log_line(time.time(), "INFO", "output", f"{writer} starts")
        with contextlib.suppress(OSError):  # a full disk keeps nothing from starting
            os.write(log, f"{begins}\n".encode())
    return log


def make_private_folder(path: Path, *, parents: bool = False) -> None:
    """Create a folder, mode 0700; an existing one keeps its mode. Raises OSError.

    `parents`: create these too. Only for what a user begins: work in progress must not recreate a
    state folder that was removed or renamed.
    """
    # Path.mkdir applies its mode to the last folder only.
    for folder in (*(reversed(path.parents) if parents else ()), path):
        folder.mkdir(exist_ok=True, mode=0o700)


def commit_folder(target: Path, fill: Callable[[Path], None]) -> None:
    """Create folder `target` atomically: `fill` writes into a hidden folder beside it.

    Hidden folders left there by dead processes of this machine are removed first. Raises OSError
    (no space, input/output error) and whatever `fill` raises; then nothing is left.
    """
    remove_unfinished(target.parent)
    temporary = temporary_beside(target)
    temporary.mkdir(mode=0o700)
    try:
        fill(temporary)
        paths = list(temporary.iterdir())
        # Change all modes first: a change after the fsync would need another fsync.
        for path in paths:
            path.chmod(0o600)
        for path in paths:
            fsync_path(path)
        fsync_path(temporary)
        temporary.rename(target)
    except BaseException:
        remove_flat_folder(temporary)
        raise
    fsync_path(target.parent)


def aside_path(path: Path, now_s: float) -> Path:
    """The path to which a damaged file, found at `now_s` (Unix), is renamed."""
    stamp = datetime.fromtimestamp(now_s, UTC).strftime("%Y%m%dT%H%M%SZ")
    return path.with_name(f"{path.name}.damaged-{stamp}")


def remove_flat_folder(folder: Path) -> None:
    """Remove a folder of plain files; missing ones are no error. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        for path in folder.iterdir():
            path.unlink(missing_ok=True)
        folder.rmdir()


def remove_unfinished(parent: Path) -> list[Path]:
    """Remove and return what dead processes of this machine left unfinished. Raises OSError."""
    found = unfinished(parent)
    for path in found:
        if path.is_dir() and not path.is_symlink():
            remove_flat_folder(path)
        else:
            path.unlink(missing_ok=True)
    return found


def remove_half_removed(parent: Path) -> list[Path]:
    """Finish interrupted removals; returns the hidden folders. Raises OSError."""
    found = half_removed(parent)
    for folder in found:
        remove_flat_folder(folder)
    return found
