"""Transfer of one file to and from a target: bounded memory, verified by SHA-256."""

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

# S3 accepts parts of at least 5 MB, at most 10,000 of them.
PART_BYTES = 5 << 20
PARTS_AT_ONCE = 2
RANGE_BYTES = 4 << 20
# obstore has its own timeouts for the network, but none for disks.
STALL_S = 300.0
SLOWEST_BYTES_S = 20_000.0
_CHUNK_BYTES = 1 << 18


class WrongContentError(Exception):
    """An object does not match its record. The message names the file."""


async def opened(open_store: Callable[[], ObjectStore]) -> ObjectStore:
    """Open the store in a thread, since a dead disk blocks.

    Raises OffsiteTargetError.
    """
    with translate_errors():
        async with asyncio.timeout(STALL_S):
            return await asyncio.to_thread(open_store)


async def list_sizes(store: ObjectStore, prefix: str | None = None) -> dict[str, int]:
    """The size in bytes of each object by its path. Raises OffsiteTargetError."""
    sizes: dict[str, int] = {}
    with translate_errors():
        async with asyncio.timeout(STALL_S):
            async for batch in obstore.list(store, prefix, chunk_size=1000):
                sizes.update((item["path"], item["size"]) for item in batch)
    return sizes


async def send_bytes(store: ObjectStore, path: str, content: bytes) -> None:
    """Upload a small file and verify it by reading it back. Raises OffsiteTargetError."""
    with translate_errors():
        async with asyncio.timeout(STALL_S):
            await obstore.put_async(store, path, content, use_multipart=False)
            await asyncio.to_thread(_flush, store, path)
    if await fetch_bytes(store, path, len(content)) != content:
        raise OffsiteTargetError(f"{path} differs from what was sent when read back")


async def send_file(store: ObjectStore, path: str, source: Path, expected: FileDigest) -> None:
    """Upload a file and verify it. Raises OffsiteTargetError; FileNotFoundError: the source."""
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
        raise OffsiteTargetError(f"{path} differs from what was sent when read back")


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
    """Read an object into a new file; calls `on_bytes` with each chunk's size.

    Reads no more than the expected size. Raises OffsiteTargetError, WrongContentError, OSError.
    """
    with create_private(into) as output:
        async for chunk in _verified(store, path, expected):
            output.write(chunk)
            on_bytes(len(chunk))


async def fetch_bytes(store: ObjectStore, path: str, limit_bytes: int) -> bytes:
    """A small object's content; of a larger one its first `limit_bytes` + 1 bytes.

    Raises OffsiteTargetError.
    """
    content = bytearray()
    async for chunk in _range(store, path, 0, limit_bytes + 1):
        content += chunk
        if len(content) > limit_bytes:
            break
    return bytes(content[: limit_bytes + 1])


def _flush(store: ObjectStore, path: str) -> None:
    """Flush an object on a local disk and drop it from the cache, so a read verifies the disk."""
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
    """Yield an object's chunks; raises WrongContentError after the last one."""
    sha256, position = hashlib.sha256(), 0
    while position < expected.size_bytes:
        begin, end = position, min(position + RANGE_BYTES, expected.size_bytes)
        # Each range is a request with its own timeout, so a slow transfer does not time out.
        async for chunk in _range(store, path, begin, end):
            position += len(chunk)
            if position > end:
                raise WrongContentError(f"{path} is longer than its record states")
            sha256.update(chunk)
            yield chunk
        if position < end:
            raise WrongContentError(f"{path} is shorter than its record states")
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
