"""Mirrors the local backups to one target. Its listing and contents define what it has."""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.backup.catalog import encode_tag, read_tag, scan
from daemon.backup.record import RECORD, TAG, Backup, decode_backup, read_backup
from daemon.base.clocks.record import read_clock_record
from daemon.base.clocks.trust import look, observe
from daemon.checkpoint.manifest import DamagedCheckpointError, digest_file, encode_record
from daemon.config.schema import BackupSettings
from daemon.offsite.expiry import MAX_TAG_BYTES, Expiry, may_expire
from daemon.offsite.fence import check_fence
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
COMPARED_PER_SWEEP = 20
MAX_RECORD_BYTES = 1_000_000

_Key = tuple[str, str]  # run and id


def retry_delay_s(tries: int, draw: Callable[[], float] = random.random) -> float:
    """Seconds to wait after `tries` consecutive failures (from 1): exponential, with jitter."""
    longest_s = min(FIRST_RETRY_S * 2.0 ** min(tries - 1, 20), LONGEST_RETRY_S)
    return longest_s * (0.5 + 0.5 * draw())


class Mirror:
    """Sends the backups that its target lacks, newest first, one at a time."""

    def __init__(
        self,
        open_store: Callable[[], ObjectStore],
        directory: Path,
        report: Callable[[Report], None],
        *,
        settings: BackupSettings,
        clock_record: Path,
    ) -> None:
        """`clock_record`: the supervisor's `clock.json`."""
        self._open_store = open_store
        self._directory = directory
        self._report = report
        self._sweep_interval_s = settings.sweep_interval_s
        self._expiry = Expiry(settings)
        self._expired_s = -math.inf  # by the boot clock
        self._clock_record = clock_record
        self._backups: dict[_Key, Backup] = {}
        self._tags: dict[_Key, bytes] = {}  # local tags
        self._sent_tags: dict[_Key, bytes] = {}  # tags at the target
        self._damaged: set[_Key] = set()
        self._compared: set[_Key] = set()  # the target's record is of the same checkpoint
        self._behind: list[_Key] = []  # failed before, so sent last
        self._holdings: Holdings | None = None
        self._changed: set[_Key] = set()
        self._wake = asyncio.Event()
        self._ended = asyncio.Event()
        self._lacking = -1
        self._failing: bool | None = None  # None: not known yet

    def backup_made(self, message: Made) -> None:
        """A backup was made, or its tag changed: send it soon."""
        self._changed.add((message.run_id, message.id))
        self._wake.set()

    def finish(self) -> None:
        """Send what is left, if the target works, and return from `run`."""
        self._ended.set()
        self._wake.set()

    async def run(self) -> None:
        """Sweep periodically, send new backups in between, retry with backoff; until `finish`."""
        loop = asyncio.get_running_loop()
        tries, swept_s = 0, -math.inf
        while True:
            ending = self._ended.is_set()
            sweep = tries > 0 or loop.time() - swept_s >= self._sweep_interval_s
            if await self.attempt(sweep=sweep):
                tries = 0
                swept_s = loop.time() if sweep else swept_s
                wait_s = swept_s + self._sweep_interval_s - loop.time()
                wake = self._wake
            else:
                tries += 1
                wait_s = retry_delay_s(tries)
                # A new backup does not shorten the backoff.
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
        """Send the backups that the target lacks; False if the target or the local folder failed.

        `sweep`: read all local backups and list the target, else only the reported changes.
        """
        try:
            await self._look(sweep)
            self._count()
            store = await opened(self._open_store)
            await check_fence(store)
            if sweep or self._holdings is None:
                self._holdings = Holdings(await list_sizes(store))
            self._count()
            await self._send_all(store, self._holdings)
            if sweep:
                await self._compare(store, self._holdings)
                await self._expire(store, self._holdings)
        except (OffsiteTargetError, OSError) as error:
            self._count()
            if not self._failing:
                text = str(error) if isinstance(error, OffsiteTargetError) else _local_fault(error)
                self._report(Failing(text))
            self._failing = True
            return False
        if self._failing is not False:
            self._report(Working())
        self._failing = False
        return True

    async def _expire(self, store: ObjectStore, holdings: Holdings) -> None:
        """Remove expired backups at the target once an hour, if the clock is trusted.

        Raises OffsiteTargetError and OSError.
        """
        now = look()
        if now.boot_s - self._expired_s < EXPIRY_INTERVAL_S:
            return
        known = read_clock_record(self._clock_record)
        if known is None or not may_expire(observe(known, now)):
            return
        expired = await self._expiry.carry_out(store, holdings, self._backups, now.unix_s)
        self._expired_s = now.boot_s
        if expired:
            self._report(Expired(len(expired), sum(backup.size_bytes for backup in expired)))

    async def _look(self, sweep: bool) -> None:
        """Read local records and tags: all, or the changed ones. Raises OSError."""
        self._wake.clear()
        changed, self._changed = self._changed, set()
        if sweep:
            listing = await asyncio.to_thread(scan, self._directory)
            # A target does not hold the mark of an import, so those not accepted stay here.
            self._backups = {
                (b.run_id, b.id): b
                for b in listing.whole
                if (b.run_id, b.id) not in listing.imported or listing.tag(b).pinned
            }
            readable = ((key, tag) for key, tag in listing.tags.items() if tag is not None)
            self._tags = {key: encode_tag(tag) for key, tag in readable}
            self._damaged &= self._backups.keys()
        for run_id, id_ in changed:
            try:
                self._backups[run_id, id_] = read_backup(self._directory / run_id / id_)
                path = self._directory / run_id / f"{id_}{TAG}"
                if path.exists():
                    self._tags[run_id, id_] = encode_tag(read_tag(path))
            except DamagedCheckpointError as error:
                # Perhaps pruned already; the next sweep will show.
                _log.info("%s is not sent now: %s", id_, error)

    async def _send_all(self, store: ObjectStore, holdings: Holdings) -> None:
        while waiting := self._waiting(holdings):
            backup = waiting[0]
            key = (backup.run_id, backup.id)
            try:
                await self._send(store, holdings, backup)
            except DamagedCheckpointError as error:
                self._damaged.add(key)
                self._report(Unsendable(*key, str(error)))
            except FileNotFoundError:
                if (self._directory / backup.run_id / backup.id / RECORD).exists():
                    self._damaged.add(key)
                    self._report(Unsendable(*key, f"{backup.id}: a file is missing"))
                # Otherwise it was pruned while being sent; files without a record are ignored.
                self._backups.pop(key, None)
            except OffsiteTargetError:
                self._behind = [*(other for other in self._behind if other != key), key]
                raise
            else:
                self._report(Sent(*key, backup.size_bytes))
            if self._wake.is_set():
                await self._look(False)
            self._count()
        for key, content in list(self._tags.items()):
            await self._send_tag(store, holdings, key, content)

    async def _compare(self, store: ObjectStore, holdings: Holdings) -> None:
        """Look for backups there with the id of ours but other contents; each once, newest first.

        Raises OffsiteTargetError.
        """
        known = self._compared | self._damaged
        whole = [b for key, b in self._backups.items() if key not in known and holdings.whole(b)]
        for backup in sorted(whole, key=lambda b: b.created_s, reverse=True)[:COMPARED_PER_SWEEP]:
            try:
                await self._check_identity(store, backup)
            except DamagedCheckpointError as error:
                self._damaged.add((backup.run_id, backup.id))
                self._report(Unsendable(backup.run_id, backup.id, str(error)))

    async def _check_identity(self, store: ObjectStore, backup: Backup) -> None:
        """Raises DamagedCheckpointError if the target's record is of another checkpoint.

        It may be the only copy of that one. Raises OffsiteTargetError.
        """
        content = await fetch_bytes(store, object_path(backup, RECORD), MAX_RECORD_BYTES)
        try:
            found = decode_backup(content, RECORD)
        except DamagedCheckpointError:
            return  # what is sent replaces it
        if found.checkpoint != backup.checkpoint:
            raise DamagedCheckpointError(
                f"{backup.id}: the target has a backup of another checkpoint with this id; "
                "move it away there"
            )
        self._compared.add((backup.run_id, backup.id))

    async def _send(self, store: ObjectStore, holdings: Holdings, backup: Backup) -> None:
        """Raises OffsiteTargetError; DamagedCheckpointError, FileNotFoundError: the local copy."""
        await check_fence(store)
        folder = self._directory / backup.run_id / backup.id
        recorded = holdings.recorded(backup)
        lacking = set(holdings.lacking(backup))
        if recorded:
            await self._check_identity(store, backup)
            # A file has changed, or is gone. If only the files were sent, nothing would show that
            # the record is the old one; a record whose files differ in size is sent again.
            await self._send_record(store, holdings, backup)
        for name, expected in backup.files.items():
            path = object_path(backup, name)
            # Without a record, files at the target may not have been verified.
            if name not in lacking and (recorded or await holds(store, path, expected)):
                continue
            source = folder / name
            if await asyncio.to_thread(digest_file, source) != expected:
                raise DamagedCheckpointError(f"{backup.id}: {name} does not match its SHA-256")
            await send_file(store, path, source, expected)
            holdings.sizes[path] = expected.size_bytes
        await self._send_record(store, holdings, backup)

    async def _send_record(self, store: ObjectStore, holdings: Holdings, backup: Backup) -> None:
        content = encode_record(backup)
        path = object_path(backup, RECORD)
        await check_fence(store)  # files without a record are no backup
        await send_bytes(store, path, content)
        holdings.sizes[path] = len(content)

    async def _send_tag(
        self, store: ObjectStore, holdings: Holdings, key: _Key, content: bytes
    ) -> None:
        if self._sent_tags.get(key) == content:
            return
        path = tag_path(*key)
        same_size = holdings.sizes.get(path) == len(content)
        if not same_size or await fetch_bytes(store, path, MAX_TAG_BYTES) != content:
            await send_bytes(store, path, content)
            holdings.sizes[path] = len(content)
        self._sent_tags[key] = content

    def _waiting(self, holdings: Holdings) -> list[Backup]:
        sendable = {k: b for k, b in self._backups.items() if k not in self._damaged}
        waiting = unsent(sendable, holdings)
        rank = {key: number for number, key in enumerate(self._behind, start=1)}
        return sorted(waiting, key=lambda backup: rank.get((backup.run_id, backup.id), 0))

    def _count(self) -> None:
        """Report how many backups the target lacks; all, if it cannot be listed."""
        if self._holdings is None:
            count = len(self._backups)
        else:
            count = len(unsent(self._backups, self._holdings))
        if count != self._lacking:
            self._report(Lacking(count))
        self._lacking = count


def _local_fault(error: OSError) -> str:
    return f"the local backups cannot be read: {error.strerror or error}"
