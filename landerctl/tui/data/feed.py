"""The reader's thread: a snapshot about once a second, posted to the app."""

from __future__ import annotations

import threading
from collections.abc import Callable

from textual.message import Message

from landerctl.tui.data.reader import SnapshotReader
from landerctl.tui.data.snapshot import SnapshotTaken

INTERVAL_S = 1.0
JOIN_TIMEOUT_S = 3.0


class FeedFailed(Message):
    """A fault ended the thread: what the screen shows would never change again."""

    def __init__(self, fault: BaseException) -> None:
        super().__init__()
        self.fault = fault


class Feed:
    """Runs a reader off the event loop until stopped.

    A thread of our own: Textual would wait for its workers when the operator quits.
    """

    def __init__(self, reader: SnapshotReader, post: Callable[[Message], bool]) -> None:
        self._reader = reader
        self._post = post
        self._stopped = threading.Event()
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tui-feed", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def hurry(self) -> None:
        """Read now rather than at the end of the interval."""
        self._wanted.set()

    def stop(self) -> None:
        """End after the reading under way."""
        self._stopped.set()
        self._wanted.set()
        self._thread.join(JOIN_TIMEOUT_S)

    def _run(self) -> None:
        try:
            self._read_on()
        except BaseException as fault:
            self._post(FeedFailed(fault))
            raise

    def _read_on(self) -> None:
        while not self._stopped.is_set():
            self._wanted.clear()
            self._post(SnapshotTaken(self._reader.read()))
            if self._stopped.is_set():
                return
            self._wanted.wait(INTERVAL_S)
