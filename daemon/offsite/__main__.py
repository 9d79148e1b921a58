"""`python -m daemon.offsite`: mirrors the backups to one target, started by the supervisor.

Each target has its own process at low priority, so one that hangs, grows or dies affects neither
the supervisor nor another target. Standard input: an Assignment, then Made lines. Standard output:
Report lines. When its input ends (the supervisor exits or is killed) it sends what is left, for
FINISH_S at most.
"""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import NoReturn

import psutil

from daemon.base.clocks.running_time import RunningTime, run_in_running_time
from daemon.offsite.mirror import Mirror
from daemon.offsite.protocol import (
    Assignment,
    Failing,
    Report,
    assignment_decoder,
    encode_line,
    order_decoder,
)
from daemon.offsite.target import open_target

FINISH_S = 5.0
MAX_LINE_BYTES = 1 << 16


async def serve() -> None:
    """Mirror until the input ends."""
    reader = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    line = await reader.readline()
    if not line:
        return
    mirror = _mirror(assignment_decoder.decode(line))
    running = asyncio.create_task(mirror.run())
    following = asyncio.create_task(_follow(reader, mirror))
    done, _ = await asyncio.wait({running, following}, return_when=asyncio.FIRST_COMPLETED)
    if running in done:
        running.result()
    mirror.finish()
    await asyncio.wait({running}, timeout=FINISH_S)
    if running.done():
        running.result()
    # os._exit, since a normal exit waits for threads: one may hang on a dead disk.
    os._exit(0)


def _mirror(assignment: Assignment) -> Mirror:
    file = Path(assignment.options_file) if assignment.options_file else None
    return Mirror(
        lambda: open_target(assignment.url, file),
        Path(assignment.backups),
        send_report,
        settings=assignment.settings,
        clock_record=Path(assignment.clock),
    )


async def _follow(reader: asyncio.StreamReader, mirror: Mirror) -> None:
    while line := await reader.readline():
        mirror.backup_made(order_decoder.decode(line))


def send_report(report: Report) -> None:
    """Write a report to the supervisor; exits if the supervisor is gone."""
    try:
        sys.stdout.buffer.write(encode_line(report))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os._exit(0)


def report_fault(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Report an internal error by its place only: its message may contain a store's answer."""
    frames = traceback.extract_tb(trace)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    send_report(Failing(f"internal error: {kind.__name__} at {where}"))


def main() -> NoReturn:
    """Mirror to one target; exits when the input ends."""
    sys.excepthook = report_fault
    process = psutil.Process()
    process.nice(19)
    process.ionice(psutil.IOPRIO_CLASS_IDLE)
    os.umask(0o077)
    run_in_running_time(serve(), RunningTime())
    # obstore's threads keep running during a normal exit and can abort it.
    os._exit(0)


if __name__ == "__main__":
    main()
