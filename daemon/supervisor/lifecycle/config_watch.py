"""Detects changes of the configuration file."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

from watchdog.events import (
    FileClosedEvent,
    FileDeletedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

_log = logging.getLogger(__name__)

DEBOUNCE_S = 0.2  # editors write, rename and delete in quick succession


class ConfigWatch(FileSystemEventHandler):
    """Calls `changed` in the event loop after a change. Watches the folder: files get replaced."""

    def __init__(self, path: Path, changed: Callable[[], None]) -> None:
        self._path = path
        self._changed = changed
        self._due: asyncio.TimerHandle | None = None
        self._observer = Observer()

    def open(self) -> None:
        """Start watching, in the running event loop; if that fails, log a warning."""
        self._loop = asyncio.get_running_loop()
        try:
            # Only the end of a change: the store in the same folder is written all the time.
            self._observer.schedule(
                self,
                str(self._path.parent),
                event_filter=[FileClosedEvent, FileMovedEvent, FileDeletedEvent],
            )
            self._observer.start()
        except OSError as error:  # the folder is gone, or no inotify watch is left
            _log.warning("%s is not watched (%s); send SIGHUP to reload it", self._path, error)

    def close(self) -> None:
        """Stop watching."""
        if self._due is not None:
            self._due.cancel()
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """In the observer's thread: forward events of the file."""
        if str(self._path) in (os.fsdecode(event.src_path), os.fsdecode(event.dest_path)):
            self._loop.call_soon_threadsafe(self._schedule)

    def _schedule(self) -> None:
        if self._due is not None:
            self._due.cancel()
        self._due = self._loop.call_later(DEBOUNCE_S, self._changed)
