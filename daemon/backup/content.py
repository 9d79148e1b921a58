"""A backup's files: stored, compressed where that saves space, and extracted again."""

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
from daemon.config.frozen import strip

# A replay buffer shrinks by a third, TensorBoard's files by more. The rest of a checkpoint, 1 MB
# in all, would shrink by a seventh only, so it stays usable without unpacking.
COMPRESSED_FROM_BYTES = 1_000_000
_COMPRESSIBLE = ("replay_buffer.npz", "events.out.tfevents.")
_CHUNK_BYTES = 1 << 20


def store_file(source: Path, folder: Path) -> Path:
    """Copy a file into a backup's folder, compressed if large; returns the path of the copy.

    Raises DamagedCheckpointError if it is missing or not a plain file, and OSError.
    """
    with _open_plain(source) as stream:
        large = os.fstat(stream.fileno()).st_size >= COMPRESSED_FROM_BYTES
        if large and source.name.startswith(_COMPRESSIBLE):
            target = folder / f"{source.name}{COMPRESSED}"
            with create_private(target) as output, zstd.open(output, "wb", level=3) as packed:
                shutil.copyfileobj(stream, packed, _CHUNK_BYTES)
        else:
            target = folder / source.name
            with create_private(target) as output:
                shutil.copyfileobj(stream, output, _CHUNK_BYTES)
    return target


def store_config(source: Path, folder: Path) -> Path:
    """Copy a run's `config.json` without what may hold secrets; raises as `store_file` does."""
    with _open_plain(source) as stream, create_private(folder / source.name) as output:
        output.write(strip(stream.read()))
    return folder / source.name


def verify_content(stored: Path, expected: FileDigest) -> None:
    """Check a stored file's unpacked content. Raises DamagedCheckpointError."""
    import hashlib  # noqa: PLC0415 - loads OpenSSL, not needed to list backups

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
    """Unpack a stored file of a backup whose digests the caller has verified to `target`.

    Stops soon after `limit_bytes` of a compressed file, and raises DamagedCheckpointError. Raises
    OSError.
    """
    packed = folder / f"{name}{COMPRESSED}"
    with create_private(target) as output:
        if packed.exists():
            for chunk in _unpacked(packed, limit_bytes):
                output.write(chunk)
            if limit_bytes is not None and output.tell() > limit_bytes:
                raise DamagedCheckpointError(
                    f"{folder.name}: {packed.name} unpacks to more than {limit_bytes} bytes"
                )
        else:
            with _open_plain(folder / name) as stream:
                shutil.copyfileobj(stream, output, _CHUNK_BYTES)


@contextlib.contextmanager
def create_private(path: Path) -> Iterator[IO[bytes]]:
    """A new file to write, mode 0600; when closed it is flushed and dropped from the page cache.

    So a verification that follows reads the disk, not the cache. Raises OSError.
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
    """Yield the unpacked chunks of a file, up to the first one beyond the limit."""
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
