"""Records of checkpoints and backups, read once: they never change under their names."""

from __future__ import annotations

from collections.abc import Callable, Set
from pathlib import Path
from typing import Generic, TypeVar

_Record = TypeVar("_Record")
_Stamp = tuple[int, int, int]


class RecordCache(Generic[_Record]):
    """Reads a folder's record, or remembers it while its file is the same one."""

    def __init__(self, name: str, read: Callable[[Path], _Record]) -> None:
        self._name = name
        self._read = read
        self._known: dict[Path, tuple[_Stamp, _Record]] = {}

    def __call__(self, folder: Path) -> _Record:
        """The record of a folder. Raises what `read` raises."""
        try:
            stat = (folder / self._name).stat()
        except OSError:
            self._known.pop(folder, None)
            return self._read(folder)
        stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        known = self._known.get(folder)
        if known is not None and known[0] == stamp:
            return known[1]
        record = self._read(folder)
        self._known[folder] = (stamp, record)
        return record

    def keep(self, folders: Set[Path]) -> None:
        """Forget all but these."""
        self._known = {path: known for path, known in self._known.items() if path in folders}
