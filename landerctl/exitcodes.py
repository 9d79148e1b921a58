"""Exit codes of every verb but `check`, which uses the monitoring plugins' codes 0 to 3.

1 to 4 follow ``systemctl status`` (LSB), 64 and up sysexits.h, 128 and up the shell's signals.
`docs/commands.md` contains this table; a test compares the two.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes."""

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
    Exit.FAILED: "Failed. `status`: the daemon died. `status`, `tui`: the trainer failed for good.",
    Exit.USAGE: "Invalid command line.",
    Exit.NOT_RUNNING: "The command needs a running daemon. `status`: it was stopped on request.",
    Exit.UNKNOWN: "`status`: no daemon was ever started here, or the store cannot be read.",
    Exit.ALREADY_RUNNING: "`start`: a daemon is already running.",
    Exit.DAMAGED: "`backup verify`: a backup is damaged (EX_DATAERR).",
    Exit.NOT_FOUND: "No such checkpoint, backup or run (EX_NOINPUT).",
    Exit.NO_ANSWER: "The daemon runs but does not answer (EX_UNAVAILABLE).",
    Exit.SOFTWARE: "An internal error; the traceback is in landerctl.log (EX_SOFTWARE).",
    Exit.CANNOT_WRITE: "The state folder or the file to save cannot be written (EX_CANTCREAT).",
    Exit.BUSY: "Another operation is in progress; try again later (EX_TEMPFAIL).",
    Exit.CONFIG: "The configuration is invalid (EX_CONFIG).",
    Exit.INTERRUPTED: "Ctrl-C (128 + SIGINT).",
    Exit.BROKEN_PIPE: "The reader of the output closed the pipe (128 + SIGPIPE).",
}
