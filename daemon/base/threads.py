"""Calls in a thread, which cannot be interrupted, from tasks, which can."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

_log = logging.getLogger(__name__)

T = TypeVar("T")


async def run_in_thread(function: Callable[..., T], *arguments: object, **named: object) -> T:
    """Return what `function` returns; raises what it raises.

    A caller that is cancelled waits for the thread's end before CancelledError is raised.
    """
    work = asyncio.create_task(asyncio.to_thread(function, *arguments, **named))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait({work})
        if (fault := work.exception()) is not None:
            _log.error("a thread failed whose caller was cancelled", exc_info=fault)
        raise
