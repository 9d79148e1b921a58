"""Background tasks whose exceptions go to a handler."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

_log = logging.getLogger(__name__)


def spawn_task(
    work: Coroutine[object, object, None], name: str, on_error: Callable[[BaseException], None]
) -> asyncio.Task[None]:
    """Run `work` as a task; `on_error` receives an exception that it raises."""

    def done(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            on_error(error)

    task = asyncio.create_task(work, name=name)
    task.add_done_callback(done)
    return task


def log_error(error: BaseException) -> None:
    """`on_error` of optional parts: training continues without them."""
    _log.error("an optional part failed; training continues", exc_info=error)


def log_tasks() -> None:
    """Log where each task waits."""
    for task in asyncio.all_tasks():
        for frame in task.get_stack(limit=1):
            _log.info(
                "task %s waits at %s:%d", task.get_name(), frame.f_code.co_filename, frame.f_lineno
            )
