"""Disk space reserved for the store's final records, so that they fit on a full disk."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

RESERVE_BYTES = 1 << 20


class Reserve:
    """A file beside the store, deleted when the supervisor exits with a full disk."""

    def __init__(self, store: Path) -> None:
        self._path = store.with_name(f"{store.name}-reserve")
        self._built = False

    def build(self) -> None:
        """Create the file if the disk has room; does nothing once it exists."""
        if self._built:
            return
        with suppress(OSError):
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, RESERVE_BYTES)
                self._built = True
            finally:
                os.close(descriptor)

    def release(self) -> None:
        """Delete the file to free its space."""
        self._built = False
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
