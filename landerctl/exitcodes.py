"""Exit codes of every verb but `check`, which speaks the monitoring plugins' 0 to 3.

1 to 4 follow ``systemctl status`` (LSB), 64 and up sysexits.h, 128 and up the shell's signals.
`docs/commands.md` shows this table to users; a test holds the two together.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """How a verb ended."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_RUNNING = 3
    UNKNOWN = 4
    ALREADY_RUNNING = 5
    DAMAGED = 65
    NOT_FOUND = 66
    NO_ANSWER = 69
    SOFTWARE = 70
    CANNOT_WRITE = 73
    BUSY = 75
    CONFIG = 78
    INTERRUPTED = 130
    BROKEN_PIPE = 141


MEANING: dict[Exit, str] = {
    Exit.OK: "Done. `status`: the daemon runs.",
    Exit.FAILED: "Not done. `status`: the daemon died without a stop, or has given the trainer up.",
    Exit.USAGE: "The command line is wrong.",
    Exit.NOT_RUNNING: "No daemon runs, and this needs one. `status`: it was stopped as asked.",
    Exit.UNKNOWN: "`status`: nothing was ever started here, or the store cannot be read.",
    Exit.ALREADY_RUNNING: "`start`: a daemon runs already.",
    Exit.DAMAGED: "`backup verify`: a backup is not as it was written (EX_DATAERR).",
    Exit.NOT_FOUND: "No such checkpoint, backup or run (EX_NOINPUT).",
    Exit.NO_ANSWER: "The daemon runs but does not answer (EX_UNAVAILABLE).",
    Exit.SOFTWARE: "A fault in landerctl; the traceback is in landerctl.log (EX_SOFTWARE).",
    Exit.CANNOT_WRITE: "The state folder or the file to save cannot be written (EX_CANTCREAT).",
    Exit.BUSY: "Something else is under way; try again later (EX_TEMPFAIL).",
    Exit.CONFIG: "The configuration cannot be used (EX_CONFIG).",
    Exit.INTERRUPTED: "Ctrl-C (128 + SIGINT).",
    Exit.BROKEN_PIPE: "Whoever read the output went away (128 + SIGPIPE).",
}
