"""Where a table is written: a file that appears whole, or standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from daemon.base.files import replacing
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

STANDARD_OUTPUT = Path("-")


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A stream to `path`, which is replaced when all is written; or to standard output for ``-``.

    Raises Failure if the file cannot be written; then it is as it was.
    """
    if path == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        return
    try:
        with replacing(path) as stream:
            yield stream
    except OSError as error:
        text = f"{error.filename or path}: {os.strerror(error.errno or 0)}"
        raise Failure(f"{text}; name another file", Exit.CANNOT_WRITE) from None
