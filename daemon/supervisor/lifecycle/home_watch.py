"""Notices that the state folder was renamed, removed or replaced while the daemon runs.

A second `landerctl start` would then find a free folder and train beside this daemon, which no
command could reach any more. So the daemon stops; the trainer saves into the renamed folder.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from daemon.base.opened_folder import OpenedFolder
from daemon.base.paths import StatePaths

INTERVAL_S = 1.0


class HomeLostError(Exception):
    """The daemon stopped because of it. The message is one line for the user."""


class HomeWatch:
    """Watches the folder and the lock file that this daemon claimed. Raises OSError."""

    def __init__(self, paths: StatePaths, on_lost: Callable[[str], None]) -> None:
        self._lock = paths.lock
        self._folder = OpenedFolder(paths.home)
        self._lock_status = paths.lock.stat()
        self._on_lost = on_lost

    async def run(self) -> None:
        """Look every INTERVAL_S; call `on_lost` once, with what happened."""
        # In a thread: a disk that hangs must not block heartbeats and requests.
        while (lost := await asyncio.to_thread(self._look)) is None:
            await asyncio.sleep(INTERVAL_S)
        self._on_lost(lost)

    def _look(self) -> str | None:
        home = self._folder.path
        try:
            now = self._folder.current_path()
            if now != home:
                return f"{home}: was renamed to {now} while its daemon runs"
            if os.path.samestat(self._lock.stat(), self._lock_status):
                return None
        except FileNotFoundError as error:
            return f"{error.filename}: was removed or replaced while its daemon runs"
        except OSError:
            return None  # an input/output error says nothing about where the folder is
        return f"{self._lock}: was replaced while its daemon runs"
