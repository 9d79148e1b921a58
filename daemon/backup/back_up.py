"""Backing up on request: the one procedure, with a daemon and without."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from daemon.backup.lock import BackupsBusyError
from daemon.backup.record import Backup, Tag
from daemon.checkpoint.catalog import find_newest
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.protocol.control import Done, Refused


class NoCheckpointError(Exception):
    """There is nothing to back up. The message is one line for the user."""


class SaveFailedError(Exception):
    """The trainer could not save a checkpoint. The message is one line for the user."""


class Chosen(msgspec.Struct, frozen=True):
    """A checkpoint to copy, and what is wrong with each newer one, newest first."""

    id: str
    skipped: list[str] = []

    @classmethod
    def newest(cls, checkpoints: Path) -> Chosen | None:
        """The newest whole one of a run's folder; None if there is none. Raises OSError."""
        found = find_newest(checkpoints)
        if found.whole is None:
            return None
        return cls(found.whole.id, [text for _, text in found.skipped])


class BackupHost(Protocol):
    """What a backup needs of the process that makes it: the daemon, or a command without one."""

    backups: Path

    async def checkpoint_to_copy(self, report: Callable[[str], None]) -> Chosen:
        """A checkpoint saved now if training runs, else the newest whole one.

        Raises NoCheckpointError, SaveFailedError and OSError.
        """

    async def back_up(self, checkpoint_id: str, tag: Tag) -> Backup:
        """Copy a checkpoint and tag the copy. Raises DamagedCheckpointError and OSError.

        Both outcomes are recorded as events.
        """


async def back_up(host: BackupHost, tag: Tag, report: Callable[[str], None]) -> Done | Refused:
    """Copy the newest checkpoint to the backups; `report` takes each step."""
    try:
        chosen = await host.checkpoint_to_copy(report)
        report(f"copying {chosen.id}")
        backup = await _copied(host, chosen.id, tag)
    except NoCheckpointError as error:
        return Refused("not-found", str(error))
    except SaveFailedError as error:
        return Refused("failed", f"no checkpoint could be saved: {error}; see `landerctl events`")
    except DamagedCheckpointError as error:
        return Refused("damaged", f"{error}; no backup was made")
    except BackupsBusyError as error:
        return Refused("busy", f"{error}; no backup was made, try again")
    except OSError as error:
        return Refused(
            "failed",
            f"{host.backups}: {error.strerror or error}; no backup was made; "
            "free space or set backup.directory",
        )
    skipped = f"; skipped as damaged: {'; '.join(chosen.skipped)}" if chosen.skipped else ""
    return Done(
        f"{backup.id} is backed up, {backup.size_bytes / 1e6:.1f} MB{skipped}",
        {
            "id": backup.id,
            "bytes": backup.size_bytes,
            "folder": str(host.backups / backup.run_id / backup.id),
            "skipped": len(chosen.skipped),
        },
    )


async def _copied(host: BackupHost, checkpoint_id: str, tag: Tag) -> Backup:
    copying = asyncio.create_task(host.back_up(checkpoint_id, tag), name="backup")
    try:
        return await asyncio.shield(copying)
    except asyncio.CancelledError:
        # A thread cannot be interrupted: the stop waits for the copy, and it counts.
        return await copying
