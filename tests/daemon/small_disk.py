"""File systems of a few megabytes, for tests of a disk that is full or fails."""

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


class ThinDisk(SmallDisk):
    """An ext4 on a device that promises more than it has: beyond that, writes fail at fsync."""

    def __init__(self, folder: Path, device: str, backing: SmallDisk) -> None:
        super().__init__(folder)
        self._device = device
        self._backing = backing

    def fill(self, leave: int = 0) -> None:
        """Let the device fail what it has no room for."""
        self._backing.fill(leave)

    def free(self) -> None:
        """Free the space that `fill` used."""
        self._backing.free()

    def fail(self) -> None:
        """Report an inconsistency: the kernel makes the file system read-only, until `replug`."""
        self.remount("errors=remount-ro")
        Path(f"/sys/fs/ext4/{Path(self._device).name}/trigger_fs_error").write_text("test")

    def replug(self) -> None:
        """Unmount it, with nothing open on it, and mount it again."""
        subprocess.run(["umount", str(self.folder)], check=True)
        mount(self._device, str(self.folder))


@contextlib.contextmanager
def thin_disk(megabytes: int) -> Iterator[ThinDisk]:
    """A new, empty one. Skips the test if this user may not mount it."""
    with small_disk(megabytes) as backing, tempfile.TemporaryDirectory(prefix="landerctl-") as name:
        image = backing.folder / "image"
        with image.open("wb") as stream:
            stream.truncate(8 * megabytes << 20)
        # Without a journal, whose first failed write would end the file system.
        made = subprocess.run(
            ["mkfs.ext4", "-q", "-O", "^has_journal", str(image)], check=False, capture_output=True
        )
        attached = subprocess.run(
            ["losetup", "--find", "--show", str(image)], check=False, capture_output=True, text=True
        )
        if made.returncode or attached.returncode:
            pytest.skip(f"no file system on a loop device: {made.stderr!r} {attached.stderr}")
        device = attached.stdout.strip()
        mount("-o", "errors=continue", device, name)
        try:
            yield ThinDisk(Path(name), device, backing)
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)
            subprocess.run(["losetup", "--detach", device], check=True)


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
