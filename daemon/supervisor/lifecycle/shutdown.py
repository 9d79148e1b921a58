"""When and why the supervisor ends: as requested, or by a fault in a part it cannot do without."""

from __future__ import annotations

import asyncio
import logging

_log = logging.getLogger(__name__)


class Shutdown:
    """The first request or fault decides. Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self._begun = asyncio.Event()
        self._reason = ""
        self._fault: BaseException | None = None
        self.recorded = asyncio.Event()  # set when the end is in the store

    def request(self, reason: str) -> None:
        """End in order."""
        if not self._begun.is_set():
            self._reason = reason
            self._begun.set()

    def fail(self, fault: BaseException) -> None:
        """End at once: `wait` raises the fault."""
        if self._begun.is_set():
            _log.error("a fault while ending", exc_info=fault)
            return
        self._fault = fault
        self._begun.set()

    async def wait(self) -> str:
        """The reason, once there is one. Raises the fault."""
        await self._begun.wait()
        if self._fault is not None:
            raise self._fault
        return self._reason
