"""Reads .npz archives of plain arrays without ever unpickling."""

from __future__ import annotations

import errno
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.lib.npyio import NpzFile

# What zipfile, NumPy and torch raise for damaged or forged content.
_UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BadZipFile,
    EOFError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@contextmanager
def reading() -> Iterator[None]:
    """A context that raises ValueError for whatever damaged or forged content leads to.

    A file that cannot be opened stays an OSError.
    """
    try:
        yield
    except _UNREADABLE as error:
        raise ValueError(str(error) or type(error).__name__) from error
    except OSError as error:
        if error.filename is not None or error.errno != errno.EINVAL:
            raise
        raise ValueError("refers to a place before its beginning") from error


def open_archive(path: Path) -> NpzFile:
    """Open an .npz, for use in a `with`. Raises OSError; ValueError if it is not an .npz.

    Reading an array of objects, which would need unpickling, raises ValueError.
    """
    try:
        with reading():
            archive = np.load(path, allow_pickle=False)
    except ValueError as error:
        raise ValueError("not an archive of arrays") from error
    if not isinstance(archive, NpzFile):
        raise ValueError("a single array, not an archive of arrays")
    return archive
