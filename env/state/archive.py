"""Archives of plain arrays (.npz), opened so that nothing in them is ever unpickled."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.lib.npyio import NpzFile


def open_archive(path: Path) -> NpzFile:
    """An .npz to read arrays from by name, in a `with`. Raises OSError; ValueError for none.

    An array of objects, which would have to be unpickled, raises ValueError where it is read.
    """
    try:
        archive = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, BadZipFile) as error:
        raise ValueError("no archive of arrays") from error
    if not isinstance(archive, NpzFile):
        raise ValueError("one array, no archive of them")
    return archive
