"""A backup's files: stored, compressed where that pays, and taken out again."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from backports import zstd

from daemon.backup.record import COMPRESSED
from daemon.checkpoint.manifest import DamagedCheckpointError, FileDigest, digest_file

# A replay buffer shrinks by a third, TensorBoard's files by more. The rest of a checkpoint, 1 MB
# in all, would by a seventh only: it can be used as it lies there.
COMPRESSED_FROM_BYTES = 1_000_000
_SHRINKS = ("replay_buffer.npz", "events.out.tfevents.")
_CHUNK_BYTES = 1 << 20


def store_file(source: Path, folder: Path) -> Path:
    """Copy a file into a backup's folder, a large one compressed; where the copy is.

    Raises DamagedCheckpointError where there is no such plain file, and OSError.
    """
    with _open_plain(source) as stream:
        large = os.fstat(stream.fileno()).st_size >= COMPRESSED_FROM_BYTES
        if large and source.name.startswith(_SHRINKS):
            target = folder / f"{source.name}{COMPRESSED}"
            with create_private(target) as output, zstd.open(output, "wb", level=3) as packed:
                shutil.copyfileobj(stream, packed, _CHUNK_BYTES)
        else:
            target = folder / source.name
            with create_private(target) as output:
                shutil.copyfileobj(stream, output, _CHUNK_BYTES)
    return target


def verify_content(stored: Path, expected: FileDigest) -> None:
    """Check that a stored file, taken out, is what is expected. Raises DamagedCheckpointError."""
    import hashlib  # noqa: PLC0415 - loads OpenSSL, which listing backups can do without

    if stored.suffix == COMPRESSED:
        sha256, size_bytes = hashlib.sha256(), 0
        for chunk in _unpacked(stored, expected.size_bytes):
            sha256.update(chunk)
            size_bytes += len(chunk)
        found = FileDigest(size_bytes, sha256.hexdigest())
    else:
        found = digest_file(stored)
    if found != expected:
        name = stored.name.removesuffix(COMPRESSED)
        raise DamagedCheckpointError(f"{stored.parent.name}: {name} does not match its SHA-256")


def extract_file(folder: Path, name: str, target: Path, *, limit_bytes: int | None = None) -> None:
    """Copy a stored file's content out of a backup whose digests the caller has verified.

    Of a compressed one that is larger than `limit_bytes` little more is written. Raises
    DamagedCheckpointError and OSError.
    """
    packed = folder / f"{name}{COMPRESSED}"
    with create_private(target) as output:
        if packed.exists():
            for chunk in _unpacked(packed, limit_bytes):
                output.write(chunk)
            if limit_bytes is not None and output.tell() > limit_bytes:
                raise DamagedCheckpointError(f"{folder.name}: {packed.name} expands too far")
        else:
            with _open_plain(folder / name) as stream:
                shutil.copyfileobj(stream, output, _CHUNK_BYTES)


@contextlib.contextmanager
def create_private(path: Path) -> Iterator[IO[bytes]]:
    """A new file to write, mode 0600, on the disk and out of the page cache when it is closed.

    So that to verify it reads the disk, not our memory. Raises OSError.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as output:
        yield output
        output.flush()
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def _open_plain(path: Path) -> IO[bytes]:
    where = f"{path.parent.name}: {path.name}"
    if path.is_symlink() or not path.is_file():
        raise DamagedCheckpointError(f"{where} is missing or not a plain file")
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW), "rb")


def _unpacked(packed: Path, limit_bytes: int | None = None) -> Iterator[bytes]:
    """The chunks of a compressed file, of those beyond the limit the first."""
    size_bytes = 0
    try:
        with _open_plain(packed) as stream, zstd.open(stream, "rb") as content:
            while chunk := content.read(_CHUNK_BYTES):
                yield chunk
                size_bytes += len(chunk)
                if limit_bytes is not None and size_bytes > limit_bytes:
                    return
    except (zstd.ZstdError, EOFError) as error:
        raise DamagedCheckpointError(f"{packed.parent.name}: {packed.name}: {error}") from None
