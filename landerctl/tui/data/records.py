"""Cache for the records of checkpoints and backups: a record does not change under its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Set
from pathlib import Path
from typing import Generic, TypeVar

_Record = TypeVar("_Record")
_Stamp = tuple[int, int, int]


class RecordCache(Generic[_Record]):
    """Reads a folder's record, or returns the cached one while its file is unchanged.

    For folders of one parent folder: the cache key is the folder's name.
    """

    def __init__(self, name: str, read: Callable[[Path], _Record]) -> None:
        self._name = name
        self._read = read
        self._known: dict[str, tuple[_Stamp, _Record]] = {}

    def __call__(self, folder: Path) -> _Record:
        """The record of `folder`. Raises what `read` raises."""
        name = folder.name
        try:
            stat = os.stat(f"{folder}/{self._name}")  # noqa: PTH116 - another Path doubles the time
        except OSError:
            self._known.pop(name, None)
            return self._read(folder)
        stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        known = self._known.get(name)
        if known is not None and known[0] == stamp:
            return known[1]
        record = self._read(folder)
        self._known[name] = (stamp, record)
        return record

    def keep(self, names: Set[str]) -> None:
        """Drop all cached records except those of `names`."""
        self._known = {name: known for name, known in self._known.items() if name in names}
