"""The marked ones of a list, in the order in which they were marked."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Generic, TypeVar

_Key = TypeVar("_Key")


class Marks(Generic[_Key]):
    """At most `most` of them. Iterates over the keys."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._keys: dict[_Key, None] = {}

    def __iter__(self) -> Iterator[_Key]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def toggle(self, key: _Key) -> bool:
        """Mark a key, or no longer; False where that would be one too many."""
        if key in self._keys:
            del self._keys[key]
        elif len(self._keys) == self.most:
            return False
        else:
            self._keys[key] = None
        return True

    def keep(self, known: Collection[_Key]) -> None:
        """Forget those that are gone."""
        self._keys = {key: None for key in self._keys if key in known}
