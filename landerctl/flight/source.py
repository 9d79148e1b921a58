"""The process that flies an episode, and its reports, one per line."""

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
TERMINATE_TIMEOUT_S = 5.0  # between SIGTERM and SIGKILL


class FlightReports:
    """The reports of a flight process."""

    def __init__(self, process: subprocess.Popen[bytes], errors: IO[bytes], log: Path) -> None:
        """`errors`: file with the process's stderr. `log`: the operator's log, for a traceback."""
        assert process.stdout is not None
        self._process, self._pipe = process, process.stdout.fileno()
        self._errors, self._log = errors, log
        self._lines: list[bytes] = []
        self._rest = b""

    def next(self, timeout_s: float) -> FlightReport | None:
        """The next report, or None after `timeout_s`.

        Raises Failure if the flight cannot start or its process exits early.
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
            raise Failure(f"the flight's process sent an invalid report: {error}") from None
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
        text = f"the flight's process exited before the end of the flight ({how})"
        if not trace:
            return Failure(text)
        where = keep_trace(self._log, trace)
        return Failure(f"{text}: {trace.splitlines()[-1].strip()}; {where}")


@contextmanager
def flight_process(arguments: Sequence[str], log: Path) -> Iterator[FlightReports]:
    """Run `python -m daemon.trainer fly` until the block ends. `log`: the operator's log.

    The pipe limits it: it flies ahead of the reader only as far as the pipe's buffer allows. It
    ends with this process, however this one dies: its standard input is then closed.
    """
    command = [sys.executable, "-P", "-m", "daemon.trainer", "--end-with-input", "fly", *arguments]
    # Its stderr, with Basilisk's messages and tracebacks, must not reach the screen.
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            process_group=0,  # Ctrl-C reaches only us: we end the process
        ) as process,
    ):
        try:
            yield FlightReports(process, errors, log)
        finally:
            process.terminate()
            try:
                process.wait(TERMINATE_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
