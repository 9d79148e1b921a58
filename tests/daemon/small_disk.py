"""A file system of a few megabytes, for tests of a full disk."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


class SmallDisk:
    """Mounted on `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, leave: int = 0) -> None:
        """Fill the disk except for `leave` bytes, in whole pages."""
        with self._ballast.open("ab", buffering=0) as stream:
            for size in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while True:
                        stream.write(bytes(size))
            stream.truncate(self._ballast.stat().st_size - leave)

    def free(self) -> None:
        """Free the space that `fill` used."""
        self._ballast.unlink()

    def remount(self, option: str) -> None:
        mount("-o", f"remount,{option}", str(self.folder))


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


@contextlib.contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """A new, empty disk. Skips the test if this user may not mount one."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small file system")
    # pytest's own folders have paths too long for a socket.
    with tempfile.TemporaryDirectory(prefix="landerctl-") as name:
        try:
            mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", name)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no small file system can be mounted: {error.stderr.decode().strip()}")
        try:
            yield SmallDisk(Path(name))
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)
