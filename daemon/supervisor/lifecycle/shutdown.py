"""When and why the supervisor stops: on request, or because an essential part failed."""

from __future__ import annotations

import asyncio
import logging

_log = logging.getLogger(__name__)


class Shutdown:
    """The first request or error counts. Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self._stopping = asyncio.Event()
        self._reason = ""
        self._error: BaseException | None = None
        self.recorded = asyncio.Event()  # set when the stop is in the store

    def request(self, reason: str) -> None:
        """Stop in order."""
        if not self._stopping.is_set():
            self._reason = reason
            self._stopping.set()

    def fail(self, error: BaseException) -> None:
        """Stop at once: `wait` raises the error."""
        if self._stopping.is_set():
            _log.error("a part failed while stopping", exc_info=error)
            return
        self._error = error
        self._stopping.set()

    async def wait(self) -> str:
        """Wait for a request; returns its reason. Raises the error of a failed part."""
        await self._stopping.wait()
        if self._error is not None:
            raise self._error
        return self._reason
