"""Why a file cannot be written: what SQLite only calls "disk I/O error"."""

from __future__ import annotations

import errno
import os
import resource
import sqlite3
import tempfile
from pathlib import Path

from daemon.store.schema import StoreError, translate

PROBE_BYTES = 1 << 16


def why_unwritable(folder: Path) -> str | None:
    """Why nothing can be written into a folder, as the system says it; None if something can."""
    error = write_error(folder)
    if error is not None and error.errno != errno.EFBIG:
        return error.strerror
    limit_bytes, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if limit_bytes == resource.RLIM_INFINITY:
        return None
    return f"the size of files is limited to {limit_bytes} bytes (`ulimit -f`)"


def write_error(folder: Path) -> OSError | None:
    """What the system answers to a nameless file of PROBE_BYTES, written and flushed, in a folder.

    None if it can be written.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(PROBE_BYTES))
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return error
    return None


def explain(error: sqlite3.Error | UnicodeDecodeError, path: Path) -> StoreError:
    """The `StoreError` of a failed write to the store `path`, with what the disk says."""
    translated = translate(error, path)
    # The subclasses are not about the disk.
    if type(translated) is StoreError and (why := why_unwritable(path.parent)):
        return StoreError(f"{translated} ({why})")
    return translated
