"""Writing lines into a pipe whose reader may be frozen: never waits, except at the end."""

from __future__ import annotations

import fcntl
import os
import threading
from collections import deque
from contextlib import suppress

PIPE_BYTES = 1 << 20  # the most that the kernel gives an ordinary user
MAX_WAITING_BYTES = 4 << 20


class ReportPipe:
    """Keeps lines in memory while the pipe is full, in order. For any number of threads."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._begun = b""  # the rest of a line that is partly written
        self._waiting: deque[tuple[bytes, bool]] = deque()
        self._waiting_bytes = 0
        os.set_blocking(descriptor, False)
        # Refused where the user has many pipes: it stays smaller.
        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)

    def write(self, line: bytes, *, needed: bool) -> None:
        """Write a line, now or with a later call.

        Beyond MAX_WAITING_BYTES the oldest lines that are not `needed` are dropped. Raises
        BrokenPipeError.
        """
        with self._lock:
            self._waiting.append((line, needed))
            self._waiting_bytes += len(line)
            self._flush()
            if self._waiting_bytes > MAX_WAITING_BYTES:
                self._drop()

    def flush(self) -> None:
        """Write what the pipe takes now. Raises BrokenPipeError."""
        with self._lock:
            self._flush()

    def finish(self) -> None:
        """Write everything, however long the reader needs. Raises BrokenPipeError."""
        with self._lock:
            os.set_blocking(self._descriptor, True)
            self._flush()

    def _flush(self) -> None:
        while self._begun or self._waiting:
            if not self._begun:
                self._begun, _ = self._waiting.popleft()
                self._waiting_bytes -= len(self._begun)
            try:
                written = os.write(self._descriptor, self._begun)
            except BlockingIOError:
                return
            self._begun = self._begun[written:]

    def _drop(self) -> None:
        kept: deque[tuple[bytes, bool]] = deque()
        for line, needed in self._waiting:
            if needed or self._waiting_bytes <= MAX_WAITING_BYTES // 2:
                kept.append((line, needed))
            else:
                self._waiting_bytes -= len(line)
        self._waiting = kept
