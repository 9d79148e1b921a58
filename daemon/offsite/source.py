"""A target to restore from; its contents are untrusted. Blocking, for commands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from daemon.backup.record import RECORD, Backup, Tag, decode_backup
from daemon.base.failpoint import failpoint
from daemon.base.files import commit_folder, make_private_folder, remove_half_removed
from daemon.base.leftovers import PRUNED
from daemon.base.malformed import MALFORMED
from daemon.checkpoint.manifest import DamagedCheckpointError, encode_record
from daemon.offsite.holdings import Holdings, object_path, tag_path
from daemon.offsite.target import open_target
from daemon.offsite.transfer import WrongContentError, fetch_bytes, fetch_file, list_sizes, opened

if TYPE_CHECKING:
    from obstore.store import ObjectStore

MAX_RECORD_BYTES = 1_000_000
MAX_TAG_BYTES = 100_000


class Source:
    """A target, as listed when it was opened."""

    def __init__(self, store: ObjectStore, holdings: Holdings) -> None:
        self._store = store
        self.holdings = holdings

    @classmethod
    def open(cls, url: str, options_file: Path | None) -> Source:
        """Open a target and list it. Raises OffsiteTargetError."""

        async def open_source() -> Source:
            store = await opened(lambda: open_target(url, options_file))
            return cls(store, Holdings(await list_sizes(store)))

        return asyncio.run(open_source())

    def record(self, run_id: str, id_: str) -> Backup:
        """A backup's record; all files that it lists exist with the right size.

        Raises OffsiteTargetError, and DamagedCheckpointError naming what is wrong.
        """
        path = f"{run_id}/{id_}/{RECORD}"
        if not 0 < self.holdings.sizes.get(path, 0) <= MAX_RECORD_BYTES:
            raise DamagedCheckpointError(f"{id_}: {RECORD} is missing or has an invalid size")
        content = asyncio.run(fetch_bytes(self._store, path, MAX_RECORD_BYTES))
        backup = decode_backup(content, f"{id_}: {RECORD}")
        if (backup.run_id, backup.id) != (run_id, id_):
            raise DamagedCheckpointError(f"{id_}: {RECORD} belongs to {backup.run_id}/{backup.id}")
        if lacking := self.holdings.lacking(backup):
            raise DamagedCheckpointError(f"{id_}: {lacking[0]} is missing or has the wrong size")
        return backup

    def tag(self, backup: Backup) -> Tag:
        """A backup's tag; empty if it is missing or damaged. Raises OffsiteTargetError."""
        path = tag_path(backup.run_id, backup.id)
        if not 0 < self.holdings.sizes.get(path, 0) <= MAX_TAG_BYTES:
            return Tag()
        content = asyncio.run(fetch_bytes(self._store, path, MAX_TAG_BYTES))
        try:
            return msgspec.json.decode(content, type=Tag)
        except MALFORMED:
            return Tag()

    def fetch(self, backup: Backup, directory: Path, on_bytes: Callable[[int], None]) -> None:
        """Fetch a backup into a backups folder; replaces an existing copy.

        Raises OffsiteTargetError, DamagedCheckpointError and OSError; then nothing is changed.
        """
        target = directory / backup.run_id / backup.id
        make_private_folder(target.parent, parents=True)
        remove_half_removed(target.parent)

        def fill(temporary: Path) -> None:
            try:
                asyncio.run(self._fetch_files(backup, temporary, on_bytes))
            except WrongContentError as error:
                raise DamagedCheckpointError(f"{backup.id}: {error}") from None
            (temporary / RECORD).write_bytes(encode_record(backup))
            failpoint("restore.fetched")
            if target.exists():
                target.rename(target.with_name(f"{PRUNED}{backup.id}"))

        commit_folder(target, fill)
        remove_half_removed(target.parent)

    async def _fetch_files(
        self, backup: Backup, into: Path, on_bytes: Callable[[int], None]
    ) -> None:
        for name, expected in backup.files.items():
            path = object_path(backup, name)
            await fetch_file(self._store, path, into / name, expected, on_bytes)
