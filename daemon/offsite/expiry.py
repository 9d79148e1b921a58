"""Removing expired backups at a target that are no longer local, the record first."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import obstore

from daemon.backup.catalog import decode_tag
from daemon.backup.record import RECORD, Backup, BackupKey, Tag, decode_backup
from daemon.backup.retention.rules import decide
from daemon.base.clocks.trust import DAY_S, ClockRecord
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.config.schema import BackupSettings
from daemon.offsite.holdings import Holdings, object_path, tag_path
from daemon.offsite.target import translate_errors
from daemon.offsite.transfer import STALL_S, fetch_bytes

if TYPE_CHECKING:
    from obstore.store import ObjectStore

MAX_RECORD_BYTES = 1_000_000
MAX_TAG_BYTES = 100_000


def may_expire(clock: ClockRecord) -> bool:
    """Whether anything may be removed at a target by age.

    A new state folder knows too little to judge its clock, while the target may hold the backups of
    older ones: it waits for a day.
    """
    return clock.jump is None and clock.agreed_s >= DAY_S


class Expiry:
    """Applies retention to one target. Records are immutable, so each is read once."""

    def __init__(self, settings: BackupSettings) -> None:
        self._settings = settings
        self._read: dict[BackupKey, Backup | None] = {}  # None: unreadable, so kept

    async def carry_out(
        self,
        store: ObjectStore,
        holdings: Holdings,
        local: Mapping[BackupKey, Backup],
        now_s: float,
    ) -> list[Backup]:
        """Remove expired backups at the target; returns them.

        Local backups are kept there: they would be sent again. Raises OffsiteTargetError.
        """
        for path in holdings.abandoned(local):
            await _delete(store, holdings, [path])
        known: dict[BackupKey, Backup] = {}
        for key in holdings.recorded_keys():
            backup = local.get(key) or await self._record(store, key)
            if backup is not None:
                known[key] = backup
        tags = {key: await _tag(store, holdings, key) for key in known.keys() - local.keys()}
        decisions = decide(list(known.values()), tags, {}, now_s=now_s, settings=self._settings)
        expired = [d.backup for d in decisions if not d.keep]
        expired = [backup for backup in expired if (backup.run_id, backup.id) not in local]
        for backup in expired:
            # Without a record the files are not a backup; a later sweep removes them as abandoned.
            await _delete(store, holdings, [object_path(backup, RECORD)])
            files = [object_path(backup, name) for name in backup.files]
            await _delete(store, holdings, [*files, tag_path(backup.run_id, backup.id)])
            self._read.pop((backup.run_id, backup.id), None)
        return expired

    async def _record(self, store: ObjectStore, key: BackupKey) -> Backup | None:
        if key not in self._read:
            path = "/".join((*key, RECORD))
            content = await fetch_bytes(store, path, MAX_RECORD_BYTES)
            try:
                backup = decode_backup(content, path)
            except DamagedCheckpointError:
                self._read[key] = None
            else:
                self._read[key] = backup if (backup.run_id, backup.id) == key else None
        return self._read[key]


async def _tag(store: ObjectStore, holdings: Holdings, key: BackupKey) -> Tag | None:
    """A backup's tag; None if unreadable, so the backup may be pinned."""
    path = tag_path(*key)
    if path not in holdings.sizes:
        return Tag()
    try:
        return decode_tag(await fetch_bytes(store, path, MAX_TAG_BYTES), path)
    except DamagedCheckpointError:
        return None


async def _delete(store: ObjectStore, holdings: Holdings, paths: Collection[str]) -> None:
    existing = [path for path in paths if path in holdings.sizes]
    if not existing:
        return
    with translate_errors():
        async with asyncio.timeout(STALL_S):
            await obstore.delete_async(store, existing)
    for path in existing:
        holdings.sizes.pop(path, None)
