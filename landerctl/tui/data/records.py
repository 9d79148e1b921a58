"""Records of checkpoints and backups, read once: they never change under their names."""

from __future__ import annotations

import os
from collections.abc import Callable, Set
from pathlib import Path
from typing import Generic, TypeVar

_Record = TypeVar("_Record")
_Stamp = tuple[int, int, int]


class RecordCache(Generic[_Record]):
    """Reads a folder's record, or remembers it while its file is the same one.

    For the folders in one folder: it knows them by their names.
    """

    def __init__(self, name: str, read: Callable[[Path], _Record]) -> None:
        self._name = name
        self._read = read
        self._known: dict[str, tuple[_Stamp, _Record]] = {}

    def __call__(self, folder: Path) -> _Record:
        """The record of a folder. Raises what `read` raises."""
        name = folder.name
        try:
            stat = os.stat(f"{folder}/{self._name}")  # noqa: PTH116 - a Path more costs twice
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
        """Forget all folders but those of these names."""
        self._known = {name: known for name, known in self._known.items() if name in names}
