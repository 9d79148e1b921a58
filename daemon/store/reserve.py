"""Space kept for the store's last words: how a daemon ended is told even from a full disk."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

RESERVE_BYTES = 1 << 20


class Reserve:
    """A file beside the store, given up when the supervisor ends on a full disk."""

    def __init__(self, store: Path) -> None:
        self._path = store.with_name(f"{store.name}-reserve")
        self._built = False

    def build(self) -> None:
        """Have it, where the disk has room; once it stands, this costs nothing."""
        if self._built:
            return
        with suppress(OSError):
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, RESERVE_BYTES)
                self._built = True
            finally:
                os.close(descriptor)

    def spend(self) -> None:
        """Give its space back to the disk."""
        self._built = False
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
