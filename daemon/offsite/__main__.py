"""`python -m daemon.offsite`: attends to one target, for the supervisor that started it.

A process of its own for each target, at low priority: one that hangs, grows or dies holds up
neither the supervisor nor another target. Its standard input brings an Assignment, then Made; its
standard output says Report. At the end of its input (the supervisor ends, or was killed) it sends
what is left, for FINISH_S at most.
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


async def attend() -> None:
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
    # Not by the interpreter's end, which waits for threads: one may hang on a dead disk.
    os._exit(0)


def _mirror(assignment: Assignment) -> Mirror:
    file = Path(assignment.options_file) if assignment.options_file else None
    return Mirror(
        lambda: open_target(assignment.url, file),
        Path(assignment.backups),
        tell,
        settings=assignment.settings,
    )


async def _follow(reader: asyncio.StreamReader, mirror: Mirror) -> None:
    while line := await reader.readline():
        mirror.made(order_decoder.decode(line))


def tell(report: Report) -> None:
    """Say it to the supervisor; one that was killed does not hear it."""
    try:
        sys.stdout.buffer.write(encode_line(report))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os._exit(0)


def tell_fault(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """A fault of ours: where it is. Its message may hold what a store answered."""
    frames = traceback.extract_tb(trace)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    tell(Failing(f"internal error: {kind.__name__} at {where}"))


def main() -> NoReturn:
    """Attend to one target; ends the process when the input has ended."""
    sys.excepthook = tell_fault
    process = psutil.Process()
    process.nice(19)
    process.ionice(psutil.IOPRIO_CLASS_IDLE)
    os.umask(0o077)
    asyncio.run(attend())
    # obstore's threads live on while the interpreter ends, and can abort it then.
    os._exit(0)


if __name__ == "__main__":
    main()
