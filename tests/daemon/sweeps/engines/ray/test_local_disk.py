from __future__ import annotations

from pathlib import PurePath

import pytest

from daemon.sweeps.engines.ray.local_disk import is_shared, mount_of, refusal

MOUNTS = r"""/dev/vda1 / ext4 rw,relatime 0 0
tmpfs /run tmpfs rw 0 0
filer:/export/home /home nfs4 rw,vers=4.2 0 0
/dev/vdb /home/ann/disk xfs rw 0 0
//filer/two\040words /mnt/with\040space cifs rw 0 0
ann@host:/ /mnt/sshfs fuse.sshfs rw 0 0
overlay /var/lib/c overlay rw 0 0
/dev/vdc /mnt/covered ext4 rw 0 0
filer:/x /mnt/covered nfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "source", "shared"),
    [
        ("/root/state", "/dev/vda1", False),
        ("/home/ann/sweeps", "filer:/export/home", True),
        ("/home/ann/disk/sweeps", "/dev/vdb", False),
        ("/home/annabel", "filer:/export/home", True),
        ("/mnt/with space/x", "//filer/two words", True),
        ("/mnt/sshfs", "ann@host:/", True),
        ("/var/lib/c/x", "overlay", False),
        ("/mnt/covered/x", "filer:/x", True),
    ],
)
def test_a_folder_is_on_the_nearest_mount(folder: str, source: str, shared: bool) -> None:
    mount = mount_of(PurePath(folder), MOUNTS)
    assert mount is not None
    assert (mount.source, is_shared(mount.kind)) == (source, shared)


def test_a_network_file_system_is_refused_with_the_reason() -> None:
    text = refusal(PurePath("/home/ann/sweeps"), MOUNTS)
    assert text is not None
    assert "filer:/export/home, a network file system (nfs4)" in text
    assert "LANDERCTL_SWEEP_DIR" in text
    assert refusal(PurePath("/root"), MOUNTS) is None
    assert refusal(PurePath("/root"), "") is None


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "tmpfs", "zfs", "fuse.fuse-overlayfs"])
def test_local_file_systems(kind: str) -> None:
    assert not is_shared(kind)
