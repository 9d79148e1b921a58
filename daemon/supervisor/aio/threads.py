"""Calls in a thread, which cannot be interrupted, from tasks, which can."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

_log = logging.getLogger(__name__)

T = TypeVar("T")


async def finished(function: Callable[..., T], *arguments: object, **named: object) -> T:
    """Call in a thread, which cannot be interrupted: a cancelled caller waits for its end."""
    work = asyncio.create_task(asyncio.to_thread(function, *arguments, **named))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait({work})
        if (fault := work.exception()) is not None:
            _log.error("a fault in a thread whose caller was cancelled", exc_info=fault)
        raise
