"""Tasks whose failure is the supervisor's failure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine


def guarded(
    work: Coroutine[object, object, None], name: str, on_fault: Callable[[BaseException], None]
) -> asyncio.Task[None]:
    """Run `work` as a task; tell `on_fault` what it raises, for nobody may ever await it."""

    def done(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (fault := task.exception()) is not None:
            on_fault(fault)

    task = asyncio.create_task(work, name=name)
    task.add_done_callback(done)
    return task
