"""Notices that a checkpoint was committed, whoever did it: trainer, rollback or a person."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

from watchdog.events import DirMovedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

_log = logging.getLogger(__name__)


class CheckpointWatch(FileSystemEventHandler):
    """Calls `arrived` in the event loop when a checkpoint's hidden folder gets its name."""

    def __init__(self, folder: Path, arrived: Callable[[], None]) -> None:
        self._folder = folder
        self._arrived = arrived
        self._loop = asyncio.get_running_loop()
        self._observer = Observer()

    def open(self) -> None:
        """Start watching; where that cannot be, the regular sweep finds what arrives."""
        try:
            self._observer.schedule(self, str(self._folder), event_filter=[DirMovedEvent])
            self._observer.start()
        except OSError as error:  # the folder is gone, or no inotify watch is left
            _log.warning("%s is not watched: %s", self._folder, error)

    def close(self) -> None:
        """Stop watching."""
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """In the observer's thread: pass on what has a name now."""
        if not Path(os.fsdecode(event.dest_path)).name.startswith("."):
            self._loop.call_soon_threadsafe(self._arrived)
