"""Numbers that several processes take in turn, each number once."""

from __future__ import annotations

import os
from collections.abc import Iterator

_SIZE = 4  # bytes of a number


class SharedNumbers:
    """0 to `count` - 1. Processes that are forked hereafter take from the same ones.

    A file in memory whose descriptor, and with it the position, is shared: the kernel locks it for
    a read (since Linux 3.14, read(2)).
    """

    def __init__(self, count: int) -> None:
        self._descriptor = os.memfd_create("flights")
        with open(self._descriptor, "r+b", closefd=False) as stream:
            stream.write(b"".join(number.to_bytes(_SIZE) for number in range(count)))
        os.lseek(self._descriptor, 0, os.SEEK_SET)

    def __iter__(self) -> Iterator[int]:
        """Take numbers until none is left."""
        while number := os.read(self._descriptor, _SIZE):
            yield int.from_bytes(number)

    def close(self) -> None:
        """Of this process; others go on."""
        os.close(self._descriptor)
