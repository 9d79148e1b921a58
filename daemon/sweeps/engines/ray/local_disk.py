"""Whether a folder is on the node's own disk. Pure: the text of /proc/mounts is passed in.

The store of a home is SQLite in WAL mode, whose readers and writer share memory by a mapped file:
it fails on network file systems (sqlite.org/wal.html, "All processes using a database must be on
the same host computer").
"""

from __future__ import annotations

import re
from pathlib import Path, PurePath
from typing import NamedTuple

MOUNTS = Path("/proc/mounts")
# Types of file systems that other machines can have mounted too. fuse.*: what is behind one is
# unknown (sshfs, s3fs, glusterfs, ceph-fuse); fuse.fuse-overlayfs is a container's local disk.
_NETWORK = frozenset(
    {
        *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "gfs2", "glusterfs", "gpfs", "lustre"),
        *("ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "pvfs2", "smb3", "smbfs", "virtiofs"),
        *("wekafs",),
    }
)
_LOCAL_FUSE = frozenset({"fuse.fuse-overlayfs", "fuse.lxcfs"})
_ESCAPED = re.compile(r"\\([0-7]{3})")  # a space, tab, newline or backslash


class Mount(NamedTuple):
    """A mounted file system."""

    source: str
    folder: PurePath
    kind: str


def mount_of(folder: PurePath, mounts: str) -> Mount | None:
    """The file system that an absolute, resolved folder is on; None if the table has none."""
    found: Mount | None = None
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        mount = Mount(_unescaped(fields[0]), PurePath(_unescaped(fields[1])), fields[2])
        # Of several at one folder the last one covers the others.
        if folder.is_relative_to(mount.folder) and (
            found is None or mount.folder.is_relative_to(found.folder)
        ):
            found = mount
    return found


def refusal(folder: PurePath, mounts: str) -> str | None:
    """Why homes cannot be in this folder (one line for the user); None if they can."""
    mount = mount_of(folder, mounts)
    if mount is None or not is_shared(mount.kind):
        return None
    return (
        f"{folder} is on {mount.source}, a network file system ({mount.kind}), where SQLite's WAL "
        "fails; name a folder on the node's own disk by LANDERCTL_SWEEP_DIR on the node or by "
        "ray.homes"
    )


def is_shared(kind: str) -> bool:
    """Whether a file system of this type may be mounted by other machines too."""
    return kind in _NETWORK or (kind.startswith("fuse.") and kind not in _LOCAL_FUSE)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 8)), text)
