"""The process that flies, and what it tells line by line."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from daemon.base.exitcodes import TrainerExit
from daemon.base.malformed import MALFORMED
from daemon.protocol.flight import FlightFailed, FlightReport, flight_decoder
from landerctl.exitcodes import Exit
from landerctl.failure import Failure, keep_trace, one_line

READ_BYTES = 1 << 16
ERROR_TAIL_BYTES = 20_000
PATIENCE_S = 5.0  # for a process that has been told to end


class FlightReports:
    """The reports of a process that flies."""

    def __init__(self, process: subprocess.Popen[bytes], errors: IO[bytes], log: Path) -> None:
        """`errors`: where the process's stderr goes. `log`: the operator's, for a traceback."""
        assert process.stdout is not None
        self._process, self._pipe = process, process.stdout.fileno()
        self._errors, self._log = errors, log
        self._lines: list[bytes] = []
        self._rest = b""

    def next(self, timeout_s: float) -> FlightReport | None:
        """The next report, or None where none came in time.

        Raises Failure where the flight cannot be flown or its process ended before it.
        """
        while not self._lines:
            if not select.select([self._pipe], [], [], timeout_s)[0]:
                return None
            chunk = os.read(self._pipe, READ_BYTES)
            if not chunk:
                raise self._crash()
            *self._lines, self._rest = (self._rest + chunk).split(b"\n")
        try:
            report: FlightReport = flight_decoder.decode(self._lines.pop(0))
        except MALFORMED as error:
            raise Failure(f"the flight's process said what is no report: {error}") from None
        if isinstance(report, FlightFailed):
            refused = self._process.wait() == TrainerExit.CONFIG
            raise Failure(one_line(report.text), Exit.CONFIG if refused else Exit.FAILED)
        return report

    def _crash(self) -> Failure:
        code = self._process.wait()
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - ERROR_TAIL_BYTES))
        trace = self._errors.read().decode("utf-8", "replace").strip()
        text = f"the flight's process ended before the flight ({how})"
        if not trace:
            return Failure(text)
        where = keep_trace(self._log, trace)
        return Failure(f"{text}: {trace.splitlines()[-1].strip()}; {where}")


@contextmanager
def flying(arguments: Sequence[str], log: Path) -> Iterator[FlightReports]:
    """`python -m daemon.trainer fly`, ended with the block. `log`: the operator's.

    The pipe is its pace: it flies ahead of what is read only as far as the pipe holds.
    """
    command = [sys.executable, "-m", "daemon.trainer", "fly", *arguments]
    # Its stderr has Basilisk's chatter and tracebacks: neither may reach the screen.
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            process_group=0,  # Ctrl-C is ours: we end it
        ) as process,
    ):
        try:
            yield FlightReports(process, errors, log)
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
