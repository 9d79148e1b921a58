"""How fast a folder's disk writes and flushes: small, and nothing is left of it."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from statistics import median

from checks.preflight.system import DiskSpeed

WRITTEN_BYTES = 32 << 20
FLUSHES = 16
_BLOCK_BYTES, _PAGE_BYTES = 1 << 20, 4096
_BLOCKS_FLUSHED = 8  # at a time
MOST_S = 15.0  # a slow disk is measured by less


def measure_disk(home: Path) -> DiskSpeed:
    """The speed around a state folder that may not exist yet; its file has no name."""
    folder = next((one for one in (home, *home.parents) if one.is_dir()), home)
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            return _measure(folder, file.fileno())
    except OSError as error:
        return DiskSpeed(str(folder), problem=error.strerror or str(error))


def _measure(folder: Path, descriptor: int) -> DiskSpeed:
    # Bytes that no file system compresses away.
    block = os.urandom(_BLOCK_BYTES)
    began_s = time.monotonic()
    written = 0
    while written < WRITTEN_BYTES and time.monotonic() - began_s < MOST_S:
        for _ in range(_BLOCKS_FLUSHED):
            written += os.write(descriptor, block)
        os.fdatasync(descriptor)
    took_s = time.monotonic() - began_s
    flushes_s: list[float] = []
    while len(flushes_s) < FLUSHES and sum(flushes_s) < MOST_S:
        flush_s = time.monotonic()
        os.pwrite(descriptor, block[:_PAGE_BYTES], _PAGE_BYTES * len(flushes_s))
        os.fsync(descriptor)
        flushes_s.append(time.monotonic() - flush_s)
    return DiskSpeed(str(folder), written / took_s / 1e6, median(flushes_s) * 1e3)
