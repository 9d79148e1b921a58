"""Whether files changed, without reading them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

Stamp = tuple[tuple[Path, int, int, int], ...]  # path, inode, time of change in ns, size
_Found = TypeVar("_Found")


def stamp(*paths: Path) -> Stamp:
    """The state of files or folders; of a missing one it is 0."""
    found = []
    for path in paths:
        try:
            stat = path.stat()
            found.append((path, stat.st_ino, stat.st_mtime_ns, stat.st_size))
        except OSError:
            found.append((path, 0, 0, 0))
    return tuple(found)


class Listed(Generic[_Found]):
    """What a folder holds, listed again when it changed or after `interval_s`."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._last: tuple[Stamp, float, _Found] | None = None

    def get(self, folder: Path, now_s: float, make: Callable[[], _Found]) -> _Found:
        """What `make` found in `folder`; `now_s` is monotonic. Raises what `make` raises."""
        now = stamp(folder)
        if self._last is not None:
            then, listed_s, found = self._last
            if then == now and now_s - listed_s <= self._interval_s:
                return found
        found = make()
        self._last = now, now_s, found
        return found
