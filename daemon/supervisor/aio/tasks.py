"""Tasks that nobody awaits: what they raise must not vanish."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

_log = logging.getLogger(__name__)


def spawn_task(
    work: Coroutine[object, object, None], name: str, on_error: Callable[[BaseException], None]
) -> asyncio.Task[None]:
    """Run `work` as a task; tell `on_error` what it raises."""

    def done(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (fault := task.exception()) is not None:
            on_error(fault)

    task = asyncio.create_task(work, name=name)
    task.add_done_callback(done)
    return task


def log_error(fault: BaseException) -> None:
    """For the parts that the training can do without."""
    _log.error("a fault in a part that the training can do without", exc_info=fault)
