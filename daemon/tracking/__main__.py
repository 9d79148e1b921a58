"""`python -m daemon.tracking`: sends a run to an MLflow server, started by the supervisor.

A process of its own at low priority: a server that hangs, or mlflow itself, affects nothing else.
Standard input: an Assignment. Standard output: Report lines. When its input ends (the supervisor
exits or is killed) it sends what is left, for FINISH_S at most.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import NoReturn

import psutil

from daemon.processes.lifeline import end_with_input
from daemon.tracking.protocol import Assignment, Report, assignment_decoder, encode_line
from daemon.tracking.service import Service

FINISH_S = 5.0


class Reporter:
    """Writes reports to the supervisor; exits if the supervisor is gone.

    Standard output is theirs alone from then on: mlflow prints there.
    """

    def __init__(self) -> None:
        self._output = os.dup(1)
        nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(nowhere, 1)
        os.close(nowhere)

    def send(self, report: Report) -> None:
        """Write one."""
        try:
            with os.fdopen(os.dup(self._output), "wb") as stream:
                stream.write(encode_line(report))
        except BrokenPipeError:
            os._exit(0)

    def send_fault(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Report an internal error by its place only: its message may contain an answer."""
        frames = traceback.extract_tb(trace)
        where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
        self.send(Report("", problem=f"internal error: {kind.__name__} at {where}"))


def main() -> NoReturn:
    """Send until the input ends; with `once`, until all is sent or a try fails."""
    reporter = Reporter()
    sys.excepthook = reporter.send_fault
    process = psutil.Process()
    process.nice(19)
    process.ionice(psutil.IOPRIO_CLASS_IDLE)
    os.umask(0o077)
    line = sys.stdin.buffer.readline()
    if not line:
        sys.exit(0)
    assignment: Assignment = assignment_decoder.decode(line)
    stopping = threading.Event()

    def stop() -> None:
        stopping.set()
        late = threading.Timer(FINISH_S, os._exit, (0,))
        late.daemon = True
        late.start()

    end_with_input(stop)
    Service(assignment, reporter.send).run(stopping)
    # os._exit, since a normal exit waits for threads of mlflow.
    os._exit(0)


if __name__ == "__main__":
    main()
