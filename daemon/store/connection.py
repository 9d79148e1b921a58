"""A read-only connection to the store, with its errors translated for the user."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from daemon.base.malformed import MALFORMED
from daemon.store.schema import (
    IMPOSSIBLE_SIZE,
    OLDEST_READABLE,
    StoreError,
    StoreMissingError,
    StoreVersionError,
    check_version,
    damaged,
    translate,
)

BUSY_TIMEOUT_S = 1.0
_PLAIN = frozenset("/-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def _quoted(path: Path) -> str:
    """The path's bytes for an SQLite URI. Not `urllib`: it is slow to import."""
    return "".join(chr(b) if chr(b) in _PLAIN else f"%{b:02X}" for b in os.fsencode(path))


class StoreConnection:
    """A read-only connection. Every method raises StoreError with one line for the user.

    Use it from the thread that opened it.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._version = 0  # of the schema

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the store. Raises StoreError."""
        if not path.exists():
            raise StoreMissingError(f"{path}: no such store; `landerctl start` creates it")
        try:
            return cls._open(path, "mode=ro")
        except StoreError as error:
            # Readers need a shared index file, which a full disk has no room for. With an empty
            # write-ahead log nobody is writing, and the file can be read without the index.
            wal = path.with_name(f"{path.name}-wal")
            if type(error) is not StoreError or (wal.exists() and wal.stat().st_size):
                raise
        return cls._open(path, "immutable=1")

    @classmethod
    def _open(cls, path: Path, how: str) -> Self:
        try:
            connection = sqlite3.connect(
                f"file:{_quoted(path)}?{how}",
                uri=True,
                timeout=BUSY_TIMEOUT_S,
                isolation_level=None,
            )
        except sqlite3.Error as error:
            raise translate(error, path) from None
        reader = cls(connection, path)
        try:
            with reader._reading():
                reader._version = version = check_version(connection, path)
            if 0 < version < OLDEST_READABLE:
                raise StoreVersionError(
                    f"{path}: was written by an older landerctl; `landerctl start` (after a stop) "
                    "updates it"
                )
            if version == 0:
                raise StoreMissingError(f"{path}: is empty; `landerctl start` initializes it")
        except StoreError:
            connection.close()
            raise
        return reader

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """All statements inside read the same snapshot."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("ROLLBACK")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise translate(error, self._path) from None
        except MALFORMED as error:
            raise damaged(self._path, str(error)) from None
        except MemoryError:
            raise damaged(self._path, IMPOSSIBLE_SIZE) from None
