"""Waiting until the child of a dead supervisor has ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from daemon.processes.lease import Lease, LeaseHeldError, kill_group
from daemon.supervisor.aio.events import set_within

_log = logging.getLogger(__name__)

POLL_S = 0.1  # flock has no event to wait for


async def wait_for_lease(
    path: Path,
    patience_s: float,
    give_up: asyncio.Event,
    tell: Callable[[int | None], None],
) -> Lease | None:
    """Take a lease as soon as its holder has ended; None if `give_up` is set first.

    The holder is the child of a supervisor that died. It may take `patience_s` to save and end by
    itself; then its group is killed. `tell` hears once for which process we wait. Raises OSError.
    """
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + patience_s
    told = False
    while True:
        try:
            return Lease.take(path)
        except LeaseHeldError as held:
            if not told:
                _log.info("%s: waiting for process %s, its supervisor is gone", path, held.pid)
                tell(held.pid)
                told = True
            if held.pid is not None and loop.time() >= deadline_s:
                _log.warning("%s: killing process %s, its supervisor is gone", path, held.pid)
                kill_group(held.pid)
        if await set_within(give_up, POLL_S):
            return None
