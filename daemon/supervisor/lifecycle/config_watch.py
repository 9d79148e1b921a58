"""Detects changes of the configuration files."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
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
    """Calls `changed` in the event loop after a change. Watches the folders: files get replaced."""

    def __init__(self, files: Sequence[Path], changed: Callable[[], None]) -> None:
        self._files = frozenset(map(str, files))
        self._folders = sorted({str(file.parent) for file in files})
        self._changed = changed
        self._due: asyncio.TimerHandle | None = None
        self._observer = Observer()

    def open(self) -> None:
        """Start watching, in the running event loop; if that fails, log a warning."""
        self._loop = asyncio.get_running_loop()
        try:
            for folder in self._folders:
                # Only the end of a change: the store in the same folder is written all the time.
                self._observer.schedule(
                    self,
                    folder,
                    event_filter=[FileClosedEvent, FileMovedEvent, FileDeletedEvent],
                )
            self._observer.start()
        except OSError as error:  # a folder is gone, or no inotify watch is left
            named = " and ".join(sorted(self._files))
            _log.warning("%s: not watched (%s); send SIGHUP to reload", named, error)

    def close(self) -> None:
        """Stop watching."""
        if self._due is not None:
            self._due.cancel()
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """In the observer's thread: forward events of the files."""
        if self._files & {os.fsdecode(event.src_path), os.fsdecode(event.dest_path)}:
            self._loop.call_soon_threadsafe(self._schedule)

    def _schedule(self) -> None:
        if self._due is not None:
            self._due.cancel()
        self._due = self._loop.call_later(DEBOUNCE_S, self._changed)
