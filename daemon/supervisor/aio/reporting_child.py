"""A process of our own that reads its assignment and writes reports, for as long as we want it."""

from __future__ import annotations

import asyncio
import sys


async def start_reporting_child(
    module: str, assignment: bytes
) -> tuple[asyncio.subprocess.Process, asyncio.StreamWriter, asyncio.StreamReader]:
    """Start `python -m module` with an assignment; the process, its input, and its reports.

    It must end when its input is closed. What it prints besides is dropped: an error of a library
    might show secrets there. Raises OSError.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        # Ctrl-C must only reach the supervisor.
        start_new_session=True,
    )
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(assignment)
    return process, process.stdin, process.stdout
