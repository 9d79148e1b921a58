"""One backup or rollback at a time: a second is refused, a stop interrupts the first."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from daemon.protocol.control import Done, Refused

T = TypeVar("T")


class BusyError(Exception):
    """Another operation is in progress, or the daemon is stopping. One line for the user."""


class ExclusiveOperation:
    """The slot for the one operation. Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self._task: asyncio.Task[object] | None = None
        self._name = ""
        self._closed = False

    async def run(self, name: str, work: Coroutine[object, object, T]) -> T:
        """Run `work` to its end. Raises BusyError, and CancelledError if a stop interrupts it."""
        if self._task is not None or self._closed:
            work.close()
            if self._closed:
                raise BusyError("the daemon is stopping; run `landerctl start` when it has exited")
            raise BusyError(f"a {self._name} is running; try again when it has ended")
        task = asyncio.create_task(work, name=name)
        self._task, self._name = task, name
        task.add_done_callback(self._free)
        await asyncio.wait({task})
        return task.result()

    async def answer(
        self, name: str, work: Coroutine[object, object, Done | Refused]
    ) -> Done | Refused:
        """Run `work` for a request; answer Refused if it cannot run or is interrupted."""
        try:
            return await self.run(name, work)
        except BusyError as error:
            return Refused("busy", str(error))
        except asyncio.CancelledError:
            if not self._closed:
                raise
            return Refused(
                "failed",
                "interrupted, nothing was changed: the daemon is stopping; "
                "try again after `landerctl start`",
            )

    async def close(self) -> None:
        """Refuse further operations; cancel the running one and wait for its cleanup."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def _free(self, task: asyncio.Task[object]) -> None:
        self._task = None
