"""Fencing a target off: a mark there, after which no mirror sends anything more to it.

Whoever takes a training over from a machine that may still run puts the mark before it looks for
the newest backup. A machine that was cut off and comes back finds it, so that what it still has to
send cannot be taken for the training's newest state.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import obstore

from daemon.offsite.target import OffsiteTargetError, translate_errors
from daemon.offsite.transfer import STALL_S, send_bytes

if TYPE_CHECKING:
    from obstore.store import ObjectStore

FENCE = "fenced"


class FencedError(OffsiteTargetError):
    """Nothing may be sent to this target any more."""


async def check_fence(store: ObjectStore) -> None:
    """Raises FencedError if the target is fenced off, and OffsiteTargetError."""
    with translate_errors():
        async with asyncio.timeout(STALL_S):
            try:
                await obstore.head_async(store, FENCE)
            except FileNotFoundError:
                return
    raise FencedError("it is fenced off: another machine has taken this training over")


async def put_fence(store: ObjectStore, prefix: str, by: str) -> None:
    """Fence off the target that is below `prefix` of this one. Raises OffsiteTargetError.

    `by`: who took over, for people.
    """
    await send_bytes(store, f"{prefix}/{FENCE}", f"{by}\n".encode())
