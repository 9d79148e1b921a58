"""One trial process: its order, its reports, its lifeline. Nothing here waits, but `wait`."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.processes.lease import kill_group
from daemon.processes.priority import set_priority
from daemon.sweeps.engines.engine import TrialOrder, TrialReport, encode_order

BLOCK_BYTES = 1 << 16


class TrialChild:
    """A trial process in a session of its own; it ends once `stop` is called or we are gone."""

    def __init__(
        self,
        order: TrialOrder,
        command: Sequence[str],
        environ: Mapping[str, str],
        niceness: int,
    ) -> None:
        """Start it. Raises OSError."""
        self.order = order
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict(environ),
            cwd="/",
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        os.set_blocking(self._output.fileno(), False)
        self._unread = b""
        self._first_steps: int | None = None
        self.newest = TrialReport(
            trial=order.trial, epoch=order.epoch, steps=0, metrics={}, place=str(order.home)
        )
        try:
            set_priority(self._process.pid, niceness)
            self._input.write(encode_order(order))
            self._input.flush()
        except BrokenPipeError:
            pass  # it has ended; `look` says how
        except OSError:
            self.kill()
            self.wait()
            raise

    def look(self) -> TrialReport | None:
        """Its newest report since the last look; None if there is none. The last has `ended`."""
        before = self.newest
        over = self._read()
        if over and self.newest.ended is None and self._process.poll() is not None:
            self.newest = self._unreported_end()
        return None if self.newest is before else self.newest

    def stop(self) -> None:
        """Let it save and end: close its standard input."""
        if not self._input.closed:
            with contextlib.suppress(BrokenPipeError):  # what was left of the order
                self._input.close()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it has ended; False if it has not in time."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL it and its supervisor; the trainer then saves and ends."""
        kill_group(self._process.pid)

    def close(self) -> None:
        """Close the pipes of a process that has ended."""
        self.stop()
        self._output.close()

    def _read(self) -> bool:
        """Take what it has printed; returns whether that was all, for ever."""
        while True:
            try:
                block = os.read(self._output.fileno(), BLOCK_BYTES)
            except BlockingIOError:
                return False
            if not block:
                return True
            *lines, self._unread = (self._unread + block).split(b"\n")
            for line in lines:
                try:
                    report = msgspec.json.decode(line, type=TrialReport)
                except MALFORMED:
                    continue  # of a program that prints where it should not
                self.newest = report
                if self._first_steps is None and report.steps:
                    self._first_steps = report.steps

    def _unreported_end(self) -> TrialReport:
        """The report of a process that could make none. It continues from its home.

        One that was killed although it had trained on is no failure of the trial.
        """
        code = self._process.returncode
        trained = self._first_steps is not None and self.newest.steps > self._first_steps
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return msgspec.structs.replace(
            self.newest,
            ended="stopped" if code < 0 and trained else "crashed",
            reason=f"the trial's process ended by itself: {how}; see {self.order.home}/trial.log",
        )
