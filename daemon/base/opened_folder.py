"""A folder that is found again after it was renamed, and known to be gone after it was removed."""

from __future__ import annotations

import errno
import os
from pathlib import Path


class OpenedFolder:
    """Follows the folder that is at `path` now. Raises OSError if there is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self._status = os.fstat(self._descriptor)

    def current_path(self) -> Path:
        """Its path now. Raises FileNotFoundError if it was removed, and OSError."""
        # The kernel knows the path of an open folder, whoever renamed it or a parent.
        for path in (self.path, Path(f"/proc/self/fd/{self._descriptor}").readlink()):
            try:
                if os.path.samestat(path.stat(), self._status):
                    return path
            except (FileNotFoundError, NotADirectoryError):
                continue
        raise FileNotFoundError(errno.ENOENT, "was removed or replaced", str(self.path))
