"""Reaps processes that this one has inherited: as process 1 of a container it gets all orphans.

Nobody else waits for those, and each would stay a zombie. Children of its own are left to asyncio,
which reaps them within an instant of their exit: a zombie that is there for a whole round is none.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress

import psutil

ROUND_S = 2.0


async def reap_orphans_regularly() -> None:
    """Run rounds until cancelled."""
    seen: frozenset[psutil.Process] = frozenset()
    while True:
        await asyncio.sleep(ROUND_S)
        found = await asyncio.to_thread(_zombies)
        # A process is equal to another only if it started at the same time as well.
        for orphan in seen & found:
            with suppress(ChildProcessError):
                os.waitpid(orphan.pid, os.WNOHANG)
        seen = found


def _zombies() -> frozenset[psutil.Process]:
    """The children that have exited and were not waited for."""
    with suppress(ChildProcessError, psutil.Error):
        # One system call where there is none, as nearly always.
        if os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            children = psutil.Process().children()
            return frozenset(child for child in children if _is_zombie(child))
    return frozenset()


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
