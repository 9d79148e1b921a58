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
    """An exception ended the reader's thread: the screen would no longer update."""

    def __init__(self, fault: BaseException) -> None:
        super().__init__()
        self.fault = fault


class Feed:
    """Runs a reader in its own thread until stopped.

    Not a Textual worker: Textual waits for its workers when the operator quits.
    """

    def __init__(self, reader: SnapshotReader, post: Callable[[Message], bool]) -> None:
        self._reader = reader
        self._post = post
        self._stopped = threading.Event()
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tui-feed", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def read_now(self) -> None:
        """Read now rather than at the end of the interval."""
        self._wanted.set()

    def stop(self) -> None:
        """Stop after the current read, and join the thread."""
        self._stopped.set()
        self._wanted.set()
        self._thread.join(JOIN_TIMEOUT_S)

    def _run(self) -> None:
        try:
            self._read_until_stopped()
        except BaseException as fault:
            self._post(FeedFailed(fault))
            raise

    def _read_until_stopped(self) -> None:
        while not self._stopped.is_set():
            self._wanted.clear()
            self._post(SnapshotTaken(self._reader.read()))
            if self._stopped.is_set():
                return
            self._wanted.wait(INTERVAL_S)
