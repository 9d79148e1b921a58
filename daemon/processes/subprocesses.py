"""Runs a short-lived process and waits for it; it is killed if the wait is cancelled."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence

from daemon.base.files import open_log
from daemon.base.paths import RunPaths
from daemon.processes.priority import set_priority


async def run_subprocess(
    command: Sequence[str], run: RunPaths, *, niceness: int = 0
) -> tuple[bytes, int]:
    """Run a command; returns its standard output and exit code. Its stderr goes to the run's log.

    If the wait is cancelled, the process is killed; if this process dies, its standard input is
    closed, on which it must exit. Raises OSError.
    """
    log = open_log(run.log)
    lifeline, held = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=lifeline,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    except OSError:
        os.close(held)
        raise
    finally:
        os.close(log)
        os.close(lifeline)
    try:
        if niceness:
            set_priority(process.pid, niceness)
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        if process.returncode is None:
            process.kill()
            await process.wait()
        raise
    finally:
        os.close(held)
    return output, process.returncode or 0
