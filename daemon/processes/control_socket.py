"""The control socket's name for the kernel, however long the state folder's path is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The kernel's sun_path is 108 bytes with its terminating zero (man 7 unix).
MAX_SOCKET_PATH_BYTES = 107


@contextmanager
def socket_name(path: Path) -> Iterator[str]:
    """A name to bind or connect a socket by: a longer path's begins at its folder's descriptor.

    Raises OSError if there is no such folder.
    """
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH_BYTES:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
