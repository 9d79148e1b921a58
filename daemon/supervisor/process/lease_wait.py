"""Waits for a dead supervisor's child to exit."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from pathlib import Path

from daemon.processes.lease import Lease, LeaseHeldError, kill_group, signal_group
from daemon.supervisor.aio.events import set_within

_log = logging.getLogger(__name__)

POLL_S = 0.1  # flock has no event to wait for


async def wait_for_lease(
    path: Path,
    patience_s: float,
    give_up: asyncio.Event,
    on_wait: Callable[[int | None], None],
) -> Lease | None:
    """Take a lease as soon as its holder has exited; None if `give_up` is set first.

    The holder is the child of a dead supervisor. It gets `patience_s` to save and exit, then its
    process group is killed. `on_wait` is called once, with the holder's pid. Raises OSError.
    """
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + patience_s
    reported = False
    while True:
        try:
            return Lease.take(path)
        except LeaseHeldError as held:
            if not reported:
                _log.info("%s: waiting for process %s, whose supervisor died", path, held.pid)
                on_wait(held.pid)
                reported = True
                if held.pid is not None:
                    signal_group(held.pid, signal.SIGCONT)  # frozen, it could not save
            if held.pid is not None and loop.time() >= deadline_s:
                _log.warning("%s: killing process %s, whose supervisor died", path, held.pid)
                kill_group(held.pid)
        if await set_within(give_up, POLL_S):
            return None
