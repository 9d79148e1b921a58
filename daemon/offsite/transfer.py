"""One file to a target and back: in bounded memory, and believed only when its SHA-256 matches."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.store import LocalStore

from daemon.backup.content import create_private
from daemon.checkpoint.manifest import FileDigest
from daemon.offsite.target import OffsiteTargetError, translate_errors

if TYPE_CHECKING:
    from obstore.store import ObjectStore

# S3 takes parts of no less than 5 MB and no more than 10,000 of them.
PART_BYTES = 5 << 20
PARTS_AT_ONCE = 2
RANGE_BYTES = 4 << 20
# obstore has timeouts of its own for the network, none for disks.
STALL_S = 300.0
SLOWEST_BYTES_S = 20_000.0
_CHUNK_BYTES = 1 << 18


class WrongContentError(Exception):
    """What a target holds is not what its record says. The message names the file."""


async def opened(open_store: Callable[[], ObjectStore]) -> ObjectStore:
    """The store, opened in a thread: a dead disk holds up whoever looks at it.

    Raises OffsiteTargetError.
    """
    with translate_errors():
        async with asyncio.timeout(STALL_S):
            return await asyncio.to_thread(open_store)


async def list_sizes(store: ObjectStore, prefix: str | None = None) -> dict[str, int]:
    """The size in bytes of each object, by its path. Raises OffsiteTargetError."""
    sizes: dict[str, int] = {}
    with translate_errors():
        async with asyncio.timeout(STALL_S):
            async for batch in obstore.list(store, prefix, chunk_size=1000):
                sizes.update((item["path"], item["size"]) for item in batch)
    return sizes


async def send_bytes(store: ObjectStore, path: str, content: bytes) -> None:
    """Put a small file, and read it back. Raises OffsiteTargetError."""
    with translate_errors():
        async with asyncio.timeout(STALL_S):
            await obstore.put_async(store, path, content, use_multipart=False)
            await asyncio.to_thread(_flush, store, path)
    if await fetch_bytes(store, path, len(content)) != content:
        raise OffsiteTargetError(f"{path} does not read back as it was sent")


async def send_file(store: ObjectStore, path: str, source: Path, expected: FileDigest) -> None:
    """Put a file, and read it back. Raises OffsiteTargetError; FileNotFoundError for the source."""
    try:
        with translate_errors():
            async with asyncio.timeout(STALL_S + expected.size_bytes / SLOWEST_BYTES_S):
                await obstore.put_async(
                    store, path, source, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE
                )
                await asyncio.to_thread(_flush, store, path)
    except OffsiteTargetError:
        if not source.exists():
            raise FileNotFoundError(str(source)) from None
        raise
    if not await holds(store, path, expected):
        raise OffsiteTargetError(f"{path} does not read back as it was sent")


async def holds(store: ObjectStore, path: str, expected: FileDigest) -> bool:
    """Whether an object's content matches: reads all of it. Raises OffsiteTargetError."""
    try:
        async for _ in _verified(store, path, expected):
            pass
    except WrongContentError:
        return False
    return True


async def fetch_file(
    store: ObjectStore,
    path: str,
    into: Path,
    expected: FileDigest,
    on_bytes: Callable[[int], None],
) -> None:
    """Read an object into a new file; `on_bytes` is told of each chunk's size.

    No more is read than is expected. Raises OffsiteTargetError, WrongContentError, OSError.
    """
    with create_private(into) as output:
        async for chunk in _verified(store, path, expected):
            output.write(chunk)
            on_bytes(len(chunk))


async def fetch_bytes(store: ObjectStore, path: str, limit_bytes: int) -> bytes:
    """A small object's content, of one that is larger the first byte too many as well.

    Raises OffsiteTargetError.
    """
    content = bytearray()
    async for chunk in _range(store, path, 0, limit_bytes + 1):
        content += chunk
        if len(content) > limit_bytes:
            break
    return bytes(content[: limit_bytes + 1])


def _flush(store: ObjectStore, path: str) -> None:
    """Bring an object of a disk to the disk, so that to verify it reads the disk."""
    if not isinstance(store, LocalStore) or store.prefix is None:
        return
    for place in ((file := store.prefix / path), file.parent, file.parent.parent):
        descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


async def _verified(store: ObjectStore, path: str, expected: FileDigest) -> AsyncIterator[bytes]:
    """An object's chunks; a fault shows after the last of them."""
    sha256, position = hashlib.sha256(), 0
    while position < expected.size_bytes:
        begin, end = position, min(position + RANGE_BYTES, expected.size_bytes)
        # Each range is a request with a timeout of its own, however slow the whole is.
        async for chunk in _range(store, path, begin, end):
            position += len(chunk)
            if position > end:
                raise WrongContentError(f"{path} is longer than its record says")
            sha256.update(chunk)
            yield chunk
        if position < end:
            raise WrongContentError(f"{path} is shorter than its record says")
    if sha256.hexdigest() != expected.sha256:
        raise WrongContentError(f"{path} does not match its SHA-256")


async def _range(store: ObjectStore, path: str, begin: int, end: int) -> AsyncIterator[bytes]:
    with translate_errors():
        async with asyncio.timeout(STALL_S):
            found = await obstore.get_async(store, path, options={"range": (begin, end)})
        stream = aiter(found.stream(min_chunk_size=_CHUNK_BYTES))
    while True:
        with translate_errors():
            try:
                async with asyncio.timeout(STALL_S):
                    chunk = await anext(stream)
            except StopAsyncIteration:
                return
        yield chunk
