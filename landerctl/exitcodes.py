"""Exit codes, and which verb can end with which: `TABLE`.

`check` uses the monitoring plugins' codes 0 to 3. Of the others' 1 to 4 follow ``systemctl status``
(LSB), 64 and up sysexits.h, 128 and up the shell's signals.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Exit(IntEnum):
    """Exit codes of every verb but `check`."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_RUNNING = 3
    UNKNOWN = 4
    ALREADY_RUNNING = 5
    WARNED = 6
    DAMAGED = 65
    NOT_FOUND = 66
    NO_ANSWER = 69
    SOFTWARE = 70
    CANNOT_WRITE = 73
    OUTPUT_LOST = 74
    BUSY = 75
    CONFIG = 78
    TERMINAL_LOST = 129
    INTERRUPTED = 130
    BROKEN_PIPE = 141


# Of `golive` alone. An invalid command line is 2 too: it is no GO either.
NO_GO = 2
CANNOT_JUDGE = 3


class Row(NamedTuple):
    """One meaning of an exit code."""

    code: int
    meaning: str
    verbs: tuple[str, ...] = ()  # empty: every verb but `check`


CHECK = "check"
_ASK = ("alerts ack", "alerts silence", "alerts unsilence", "alerts test")
_TRY_OUT = ("fly", "film", "evaluate", "export", "selftest")
_RECORD = (
    "signoff",
    "note",
    "runs note",
    "report",
    "incident list",
    "incident show",
    "incident open",
    "incident close",
)
_CHANGE_RUN = (
    *("runs rename", "runs tag", "runs archive", "runs unarchive", "runs rm", "runs switch"),
)
_ONE_RUN = (*_CHANGE_RUN, "runs show", "runs note", "runs diff")
_BEGIN_SWEEP = ("sweep run", "seeds", "sweep resume")
_ONE_SWEEP = (
    *("sweep status", "sweep show", "sweep stop", "sweep resume", "sweep best", "sweep compare"),
    *("sweep export", "sweep replay", "sweep tensorboard", "sweep rm"),
)
_ONE_BACKUP = ("backup export", "backup import", "backup pin", "backup unpin")

TABLE: tuple[Row, ...] = (
    Row(Exit.OK, "Done. `status`: the daemon runs."),
    Row(
        Exit.FAILED,
        "Failed; the message says why.",
        (
            "start",
            "stop",
            "service install",
            "service uninstall",
            "tensorboard",
            "web",
            *_ASK,
            "incident close",
            "backups",
            "backup",
            "rollback",
            "restore",
            *_TRY_OUT,
            "review",
            *_BEGIN_SWEEP,
            "sweep stop",
            "sweep best",
            "sweep tensorboard",
            "sweep rm",
            "tracking sync",
        ),
    ),
    Row(Exit.FAILED, "Its coordinator died.", ("sweep status",)),
    Row(Exit.FAILED, "A decision was not the same again.", ("sweep replay",)),
    Row(Exit.FAILED, "It is the current run.", ("runs archive",)),
    Row(Exit.FAILED, "It is the current run, or another was forked from it.", ("runs rm",)),
    Row(Exit.FAILED, "The runs differ.", ("runs diff",)),
    Row(Exit.FAILED, "The daemon died.", ("status", "watch")),
    Row(Exit.FAILED, "The trainer failed for good.", ("status", "watch", "tui")),
    Row(Exit.FAILED, "Nothing was removed: the clock is not trusted.", ("backup prune",)),
    Row(Exit.FAILED, "A finding does not hold, or could not be measured.", ("drill",)),
    Row(Exit.FAILED, "The editor failed, or no answer was given; no change.", ("config edit",)),
    Row(Exit.USAGE, "Invalid command line."),
    Row(
        Exit.NOT_RUNNING,
        "The command needs a running daemon.",
        ("stop", "watch", *_ASK, "backup", "rollback", "review"),
    ),
    Row(Exit.NOT_RUNNING, "The daemon was stopped on request.", ("status",)),
    Row(Exit.NOT_RUNNING, "No coordinator runs.", ("sweep stop", "sweep status")),
    Row(Exit.UNKNOWN, "No daemon was ever started here.", ("status",)),
    Row(
        Exit.UNKNOWN,
        "A sweep's store or folder cannot be read.",
        (*_ONE_SWEEP, *_BEGIN_SWEEP, "sweep", "sweep list"),
    ),
    Row(
        Exit.UNKNOWN,
        "The store is missing or cannot be read.",
        (
            "start",
            "status",
            "watch",
            "events",
            "events export",
            "metrics",
            "metrics export",
            "metrics push",
            "episodes",
            "alerts",
            "alerts show",
            "alerts targets",
            "burn-in",
            "review",
            "tracking",
        ),
    ),
    Row(Exit.UNKNOWN, "There is no log yet, or one cannot be read.", ("logs",)),
    Row(Exit.ALREADY_RUNNING, "A daemon is already running.", ("start", "restore", "runs switch")),
    Row(
        Exit.ALREADY_RUNNING,
        "A coordinator of the sweep, or a daemon, is running.",
        ("sweep resume", "sweep rm", "sweep best"),
    ),
    Row(Exit.FAILED, "A line is FAIL: correct it before a deployment.", ("preflight",)),
    Row(Exit.FAILED, "A benchmark is beyond its alert threshold.", ("benchmarks",)),
    Row(Exit.WARNED, "A line is WARN or unknown, and none is FAIL.", ("preflight",)),
    Row(Exit.DAMAGED, "A backup is damaged (EX_DATAERR).", ("backup verify", *_ONE_BACKUP)),
    Row(Exit.UNKNOWN, "The state folder cannot be read.", ("checklist",)),
    Row(Exit.NOT_FOUND, "No such phase or line.", ("checklist",)),
    Row(Exit.NOT_FOUND, "No run, no such review, or no target for it.", ("review",)),
    Row(
        Exit.DAMAGED,
        "The ledger of the checklist was edited or is damaged (EX_DATAERR).",
        ("checklist", "drill", "review", "golive", *_RECORD),
    ),
    Row(Exit.NOT_FOUND, "No such state folder, run or incident (EX_NOINPUT).", _RECORD),
    Row(Exit.NOT_FOUND, "No such setting or run (EX_NOINPUT).", ("config show", "config diff")),
    Row(Exit.FAILED, "A setting differs.", ("config diff",)),
    Row(
        Exit.NOT_FOUND,
        "No such checkpoint, backup, run, alert, metric or file (EX_NOINPUT).",
        (
            "start",
            "restore",
            "service uninstall",
            "events",
            "events export",
            "metrics",
            "metrics export",
            "logs",
            "episodes",
            "plot",
            "runs compare",
            "tensorboard",
            "alerts show",
            *_ASK,
            "backups",
            "backup",
            "backup verify",
            *_ONE_BACKUP,
            "rollback",
            "fly",
            "film",
            "evaluate",
            "export",
            "tracking sync",
            *_ONE_RUN,
        ),
    ),
    Row(Exit.NOT_FOUND, "The file with the URL is missing or open to others.", ("metrics push",)),
    Row(
        Exit.NO_ANSWER,
        "The Pushgateway does not answer or refuses the metrics (EX_UNAVAILABLE).",
        ("metrics push",),
    ),
    Row(Exit.NOT_FOUND, "No such file or editor (EX_NOINPUT).", ("config migrate", "config edit")),
    Row(Exit.NOT_FOUND, "No such sweep, trial or file (EX_NOINPUT).", ("sweep run", *_ONE_SWEEP)),
    Row(
        Exit.NO_ANSWER,
        "The daemon runs but does not answer (EX_UNAVAILABLE).",
        ("start", "stop", "status", "restore", *_ASK, "backup", "rollback", "review"),
    ),
    Row(
        Exit.NO_ANSWER,
        "The coordinator is not ready, or has not ended, in time (EX_UNAVAILABLE).",
        (*_BEGIN_SWEEP, "sweep stop"),
    ),
    Row(Exit.SOFTWARE, "An internal error; the traceback is in landerctl.log (EX_SOFTWARE)."),
    Row(
        Exit.CANNOT_WRITE,
        "The state folder or the file to save cannot be written, or belongs to another user "
        "(EX_CANTCREAT).",
    ),
    Row(
        Exit.OUTPUT_LOST,
        "Standard output is closed or cannot be written, so the output is incomplete (EX_IOERR).",
    ),
    Row(
        Exit.BUSY,
        "Another operation is in progress; try again later (EX_TEMPFAIL).",
        (
            "stop",
            *_ASK,
            "backup",
            "backup prune",
            "backup verify",
            *_ONE_BACKUP,
            "rollback",
            "restore",
            "drill",
            "note",
            "runs note",
            *_CHANGE_RUN,
            "sweep rm",
            "tracking sync",
        ),
    ),
    Row(
        Exit.CONFIG,
        "The configuration is invalid, or another package is in place of one of landerctl's "
        "(EX_CONFIG).",
    ),
    Row(Exit.TERMINAL_LOST, "The terminal was closed (128 + SIGHUP).", ("tui",)),
    Row(Exit.INTERRUPTED, "Ctrl-C (128 + SIGINT)."),
    Row(Exit.BROKEN_PIPE, "The reader of the output closed the pipe (128 + SIGPIPE)."),
    Row(Exit.OK, "GO.", ("golive",)),
    Row(NO_GO, "NO-GO.", ("golive",)),
    Row(
        CANNOT_JUDGE,
        "It cannot judge: the ledger was edited, or state folder or configuration is unreadable.",
        ("golive",),
    ),
    Row(0, "OK.", (CHECK,)),
    Row(1, "WARNING.", (CHECK,)),
    Row(2, "CRITICAL.", (CHECK,)),
    Row(3, "UNKNOWN: it cannot judge, or the command line is invalid.", (CHECK,)),
)


def codes(verb: str) -> frozenset[int]:
    """The exit codes with which a verb, such as `backup verify`, can end."""
    return frozenset(
        row.code for row in TABLE if verb in row.verbs or (not row.verbs and verb != CHECK)
    )
