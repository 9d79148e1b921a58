"""Reads .npz archives of plain arrays without ever unpickling."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.lib.npyio import NpzFile

# What zipfile, NumPy and torch raise for content that is damaged or forged.
UNREADABLE = (
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


def open_archive(path: Path) -> NpzFile:
    """Open an .npz, for use in a `with`. Raises OSError; ValueError if it is not an .npz.

    Reading an array of objects, which would need unpickling, raises ValueError.
    """
    try:
        archive = np.load(path, allow_pickle=False)
    except UNREADABLE as error:
        raise ValueError("not an archive of arrays") from error
    if not isinstance(archive, NpzFile):
        raise ValueError("a single array, not an archive of arrays")
    return archive
