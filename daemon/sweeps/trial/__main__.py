"""`python -m daemon.sweeps.trial`: runs one leg of one trial.

Standard input: a `TrialOrder`, one line of JSON; once it is closed, the trial saves and ends.
Standard output: `TrialReport`s, a line of JSON each; the last one has `ended`.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Mapping
from threading import Event as Stop
from threading import Thread
from typing import Literal

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.secrets.redacted_log import redact_tracebacks
from daemon.base.standard_streams import hold_standard_streams
from daemon.config import ConfigError
from daemon.processes.lifeline import end_with_input
from daemon.processes.signals import survive_signals
from daemon.processes.state_folder import ClaimError
from daemon.store.reader import StoreError
from daemon.sweeps.engines.engine import TrialOrder, TrialReport, decode_order
from daemon.sweeps.trial.below import StoppedError
from daemon.sweeps.trial.epoch import FencedOffError
from daemon.sweeps.trial.errors import TrialError
from daemon.sweeps.trial.leg import REAL, Leg, Programs

EXIT_OK, EXIT_NO_ORDER = 0, 64  # EX_USAGE


def main(environ: Mapping[str, str] = os.environ, programs: Programs = REAL) -> int:
    """Carry out the order on standard input; returns the exit code."""
    hold_standard_streams()
    survive_signals()
    redact_tracebacks()
    os.umask(0o077)
    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Not in the handler: it may have interrupted the thread that waits, which holds the lock.
        signal.signal(number, lambda *_: Thread(target=stop.set).start())
    order = _read_order()
    if order is None:
        return EXIT_NO_ORDER
    end_with_input(stop.set)
    reports = os.dup(1)
    os.dup2(2, 1)  # nothing below may write between the reports

    def emit(report: TrialReport) -> None:
        line = msgspec.json.encode(report) + b"\n"
        try:
            while line:
                line = line[os.write(reports, line) :]
        except BrokenPipeError:
            stop.set()  # nobody reads them

    leg = Leg(order, stop, emit, environ, programs)
    try:
        emit(leg.run())
    except (FencedOffError, StoppedError) as error:
        emit(leg.ended("stopped", str(error)))
    except (TrialError, ClaimError, ConfigError, StoreError) as error:
        emit(leg.ended(_kind_of(str(error)), str(error)))
    except OSError as error:
        text = f"{error.filename or order.home}: {error.strerror or error}"
        emit(leg.ended(_kind_of(text), text))
    return EXIT_OK


def _kind_of(reason: str) -> Literal["stopped", "crashed"]:
    """A full disk is no failure of the trial: it can continue once there is space."""
    full = any(os.strerror(code) in reason for code in (errno.ENOSPC, errno.EDQUOT))
    return "stopped" if full else "crashed"


def _read_order() -> TrialOrder | None:
    """The first line of standard input. What follows is not read ahead: it is the lifeline."""
    line = bytearray()
    while not line.endswith(b"\n"):
        block = os.read(0, 65536)
        if not block:
            return None  # whoever asked for it is gone
        line += block
    try:
        return decode_order(bytes(line))
    except MALFORMED as error:
        print(f"the order is none: {error}", file=sys.stderr)
        return None


if __name__ == "__main__":
    sys.exit(main())
