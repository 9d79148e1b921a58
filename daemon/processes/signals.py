"""Signals that must not end a supervisor or a trainer by accident.

| Signal | Action |
|---|---|
| USR1, QUIT | write the tracebacks of all threads to standard error, which is the process's log |
| HUP, USR2, ALRM, VTALRM, PROF, IO, PWR, STKFLT, XCPU, real-time ones | none |

TERM and INT are requests to stop, and the supervisor's HUP to read its configuration again: those
are handled where they are carried out. A write beyond a limit (PIPE, XFSZ) is an error of that
write. The rest ends the process: KILL, and the signals of a fault in it.
"""

from __future__ import annotations

import faulthandler
import signal
from types import FrameType

STDERR = 2
DUMPED = (signal.SIGUSR1, signal.SIGQUIT)
IGNORED = (
    signal.SIGHUP,
    signal.SIGUSR2,
    signal.SIGALRM,
    signal.SIGVTALRM,
    signal.SIGPROF,
    signal.SIGIO,
    signal.SIGPWR,
    signal.SIGXCPU,
    16,  # SIGSTKFLT, which Python 3.11 has no name for
    *range(signal.SIGRTMIN, signal.SIGRTMAX + 1),
)


def survive_signals() -> None:
    """Handle the signals of the table. Call in the main thread.

    By handlers: an ignored signal would stay ignored in the programs that this process starts.
    """
    for number in IGNORED:
        signal.signal(number, _ignore)
    for number in DUMPED:
        signal.signal(number, dump_tracebacks)


def dump_tracebacks(_number: int, _frame: FrameType | None) -> None:
    """Handle a signal: write the tracebacks of all threads to standard error.

    Not `faulthandler.register`: its signal stack is too small for many signals at once, as a frozen
    process finds on waking.
    """
    faulthandler.dump_traceback(file=STDERR)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Do nothing."""
