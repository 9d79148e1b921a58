"""Keeps one target a copy of the local backups. What is true is what the target lists and reads."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.backup.catalog import encode_tag, read_tag, scan
from daemon.backup.record import RECORD, TAG, Backup, read_backup
from daemon.checkpoint.manifest import DamagedCheckpointError, digest_file, encode_record
from daemon.config.schema import BackupSettings
from daemon.offsite.expiry import MAX_TAG_BYTES, Expiry
from daemon.offsite.holdings import Holdings, object_path, tag_path, unsent
from daemon.offsite.protocol import (
    Expired,
    Failing,
    Lacking,
    Made,
    Report,
    Sent,
    Unsendable,
    Working,
)
from daemon.offsite.target import OffsiteTargetError
from daemon.offsite.transfer import (
    fetch_bytes,
    holds,
    list_sizes,
    opened,
    send_bytes,
    send_file,
)

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_log = logging.getLogger(__name__)

FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 300.0
EXPIRY_INTERVAL_S = 3600.0

_Key = tuple[str, str]  # run and id


def retry_delay_s(tries: int, draw: Callable[[], float] = random.random) -> float:
    """How long to wait after so many failures in a row (from 1): twice as long each time."""
    longest_s = min(FIRST_RETRY_S * 2.0 ** min(tries - 1, 20), LONGEST_RETRY_S)
    return longest_s * (0.5 + 0.5 * draw())


class Mirror:
    """Sends what its target lacks, the newest first, one at a time."""

    def __init__(
        self,
        open_store: Callable[[], ObjectStore],
        directory: Path,
        tell: Callable[[Report], None],
        *,
        settings: BackupSettings,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._open_store = open_store
        self._directory = directory
        self._tell = tell
        self._sweep_interval_s = settings.sweep_interval_s
        self._expiry = Expiry(settings)
        self._expired_s = -math.inf
        self._clock = clock
        self._backups: dict[_Key, Backup] = {}
        self._tags: dict[_Key, bytes] = {}  # as they are here ...
        self._tags_there: dict[_Key, bytes] = {}  # ... and as they were seen there
        self._damaged: set[_Key] = set()
        self._behind: list[_Key] = []  # failed, so the others go first
        self._holdings: Holdings | None = None
        self._news: set[_Key] = set()
        self._poked = asyncio.Event()
        self._ended = asyncio.Event()
        self._lacking = -1
        self._failing: bool | None = None  # not known yet

    def made(self, news: Made) -> None:
        """A backup was made, or its tag changed: send it soon."""
        self._news.add((news.run_id, news.id))
        self._poked.set()

    def finish(self) -> None:
        """Send what is left, if the target works, and return from `run`."""
        self._ended.set()
        self._poked.set()

    async def run(self) -> None:
        """Sweep regularly, send what is made meanwhile, retry later and later; until `finish`."""
        loop = asyncio.get_running_loop()
        tries, swept_s = 0, -math.inf
        while True:
            ending = self._ended.is_set()
            sweep = tries > 0 or loop.time() - swept_s >= self._sweep_interval_s
            if await self.attempt(sweep=sweep):
                tries = 0
                swept_s = loop.time() if sweep else swept_s
                wait_s = swept_s + self._sweep_interval_s - loop.time()
                wake = self._poked
            else:
                tries += 1
                wait_s = retry_delay_s(tries)
                # News do not shorten it: each backup would knock at a door that is shut.
                wake = self._ended
            if ending or (self._ended.is_set() and tries > 0):
                return
            if self._ended.is_set():
                continue
            try:
                async with asyncio.timeout(max(wait_s, 0.0)):
                    await wake.wait()
            except TimeoutError:
                continue

    async def attempt(self, *, sweep: bool) -> bool:
        """Send all that the target lacks; whether it has all that can be sent now.

        `sweep` looks at all backups and lists the target; else only what was told of is looked at.
        """
        try:
            await self._look(sweep)
            self._count()
            store = await opened(self._open_store)
            if sweep or self._holdings is None:
                self._holdings = Holdings(await list_sizes(store))
            self._count()
            await self._send_all(store, self._holdings)
            if sweep:
                await self._expire(store, self._holdings)
        except (OffsiteTargetError, OSError) as error:
            self._count()
            if not self._failing:
                text = str(error) if isinstance(error, OffsiteTargetError) else _local(error)
                self._tell(Failing(text))
            self._failing = True
            return False
        if self._failing is not False:
            self._tell(Working())
        self._failing = False
        return True

    async def _expire(self, store: ObjectStore, holdings: Holdings) -> None:
        """Once an hour, when all that is here is there. Raises OffsiteTargetError."""
        now_s = self._clock()
        if 0.0 <= now_s - self._expired_s < EXPIRY_INTERVAL_S:
            return
        gone = await self._expiry.carry_out(store, holdings, self._backups, now_s)
        self._expired_s = now_s
        if gone:
            self._tell(Expired(len(gone), sum(backup.size_bytes for backup in gone)))

    async def _look(self, sweep: bool) -> None:
        """Read the records and tags that are here: all, or those told of. Raises OSError."""
        self._poked.clear()
        news, self._news = self._news, set()
        if sweep:
            listing = await asyncio.to_thread(scan, self._directory)
            self._backups = {(b.run_id, b.id): b for b in listing.whole}
            readable = ((key, tag) for key, tag in listing.tags.items() if tag is not None)
            self._tags = {key: encode_tag(tag) for key, tag in readable}
            self._damaged &= self._backups.keys()
        for run_id, id_ in news:
            try:
                self._backups[run_id, id_] = read_backup(self._directory / run_id / id_)
                path = self._directory / run_id / f"{id_}{TAG}"
                if path.exists():
                    self._tags[run_id, id_] = encode_tag(read_tag(path))
            except DamagedCheckpointError as error:
                # Or pruned already. The next sweep sees.
                _log.info("%s is not sent now: %s", id_, error)

    async def _send_all(self, store: ObjectStore, holdings: Holdings) -> None:
        while waiting := self._waiting(holdings):
            backup = waiting[0]
            key = (backup.run_id, backup.id)
            try:
                await self._send(store, holdings, backup)
            except DamagedCheckpointError as error:
                self._damaged.add(key)
                self._tell(Unsendable(*key, str(error)))
            except FileNotFoundError:
                if (self._directory / backup.run_id / backup.id / RECORD).exists():
                    self._damaged.add(key)
                    self._tell(Unsendable(*key, f"{backup.id}: a file is missing"))
                # Else pruned while it was sent. What is there of it counts as nothing.
                self._backups.pop(key, None)
            except OffsiteTargetError:
                self._behind = [*(other for other in self._behind if other != key), key]
                raise
            else:
                self._tell(Sent(*key, backup.size_bytes))
            if self._poked.is_set():
                await self._look(False)
            self._count()
        for key, content in list(self._tags.items()):
            await self._send_tag(store, holdings, key, content)

    async def _send(self, store: ObjectStore, holdings: Holdings, backup: Backup) -> None:
        """Raises OffsiteTargetError; DamagedCheckpointError, FileNotFoundError: the local copy."""
        folder = self._directory / backup.run_id / backup.id
        recorded = holdings.recorded(backup)
        lacking = set(holdings.lacking(backup))
        for name, expected in backup.files.items():
            path = object_path(backup, name)
            # Before its record is there, nothing says that what is there was verified.
            if name not in lacking and (recorded or await holds(store, path, expected)):
                continue
            source = folder / name
            if await asyncio.to_thread(digest_file, source) != expected:
                raise DamagedCheckpointError(f"{backup.id}: {name} does not match its SHA-256")
            await send_file(store, path, source, expected)
            holdings.sizes[path] = expected.size_bytes
        content = encode_record(backup)
        path = object_path(backup, RECORD)
        await send_bytes(store, path, content)
        holdings.sizes[path] = len(content)

    async def _send_tag(
        self, store: ObjectStore, holdings: Holdings, key: _Key, content: bytes
    ) -> None:
        if self._tags_there.get(key) == content:
            return
        path = tag_path(*key)
        there = holdings.sizes.get(path) == len(content)
        if not there or await fetch_bytes(store, path, MAX_TAG_BYTES) != content:
            await send_bytes(store, path, content)
            holdings.sizes[path] = len(content)
        self._tags_there[key] = content

    def _waiting(self, holdings: Holdings) -> list[Backup]:
        sendable = {k: b for k, b in self._backups.items() if k not in self._damaged}
        waiting = unsent(sendable, holdings)
        rank = {key: number for number, key in enumerate(self._behind, start=1)}
        return sorted(waiting, key=lambda backup: rank.get((backup.run_id, backup.id), 0))

    def _count(self) -> None:
        """Tell how many the target lacks; one that cannot be asked may lack them all."""
        if self._holdings is None:
            count = len(self._backups)
        else:
            count = len(unsent(self._backups, self._holdings))
        if count != self._lacking:
            self._tell(Lacking(count))
        self._lacking = count


def _local(error: OSError) -> str:
    return f"the local backups cannot be read: {error.strerror or error}"
