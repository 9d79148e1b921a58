"""One backup or rollback at a time."""

from __future__ import annotations

import asyncio

import pytest

from daemon.protocol.control import Done, Refused
from daemon.supervisor.aio.exclusive import BusyError, ExclusiveOperation


class Work:
    """An operation that waits to be released, and notes whether it was interrupted."""

    def __init__(self) -> None:
        self.entered, self.release = asyncio.Event(), asyncio.Event()
        self.interrupted = False

    async def run(self) -> Done | Refused:
        self.entered.set()
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.interrupted = True
            raise
        return Done("done")


def test_a_second_operation_is_refused_by_the_name_of_the_first() -> None:
    async def main() -> None:
        exclusive, first = ExclusiveOperation(), Work()
        running = asyncio.create_task(exclusive.answer("backup", first.run()))
        await first.entered.wait()
        refused = await exclusive.answer("rollback", Work().run())
        assert refused == Refused("busy", "a backup is running; try again when it has ended")
        first.release.set()
        assert await running == Done("done")
        after = Work()
        after.release.set()
        assert await exclusive.answer("rollback", after.run()) == Done("done")

    asyncio.run(main())


def test_a_client_that_leaves_does_not_free_the_slot() -> None:
    async def main() -> None:
        exclusive, first = ExclusiveOperation(), Work()
        client = asyncio.create_task(exclusive.answer("backup", first.run()))
        await first.entered.wait()
        client.cancel()
        with pytest.raises(asyncio.CancelledError):
            await client
        with pytest.raises(BusyError, match="a backup is running"):
            await exclusive.run("rollback", Work().run())
        assert not first.interrupted
        await exclusive.close()

    asyncio.run(main())


def test_a_stop_interrupts_the_operation_and_refuses_others() -> None:
    async def main() -> None:
        exclusive, first = ExclusiveOperation(), Work()
        running = asyncio.create_task(exclusive.answer("backup", first.run()))
        await first.entered.wait()
        await exclusive.close()
        assert first.interrupted
        answer = await running
        assert isinstance(answer, Refused) and "the daemon is stopping" in answer.text
        later = await exclusive.answer("backup", Work().run())
        assert isinstance(later, Refused) and later.code == "busy"

    asyncio.run(main())
