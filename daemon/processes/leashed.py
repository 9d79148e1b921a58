"""`python -m daemon.processes.leashed FD [tree]`: a command that ends with our process.

Such a program watches no pipe. This one runs it on its own standard streams, and kills its process
group once the pipe `FD` is closed; with `tree` all its descendants, whatever their groups. The
first line of standard input is the command, in JSON: arguments are visible to every user of the
machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys

from daemon.processes.lease import kill_group
from daemon.processes.lifeline import end_with

EXIT_NOT_STARTED = 127  # as of a shell
TREE = "tree"


def main() -> int:
    """Run the command; returns its exit code, 128 + N after signal N."""
    lifeline = int(sys.argv[1])
    os.set_inheritable(lifeline, False)
    end_with(lifeline, _end_tree if sys.argv[2:] == [TREE] else _end)
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)  # no more: the rest is the command's
        if not byte:
            return EXIT_NOT_STARTED  # whoever asked for it is gone
        line += byte
    try:
        process = subprocess.Popen(json.loads(line))
    except OSError as error:
        # Not its name: a command written as one text holds its arguments.
        print(f"it cannot be started: {os.strerror(error.errno or 0)}", file=sys.stderr)
        return EXIT_NOT_STARTED
    code = process.wait()
    return code if code >= 0 else 128 - code


def _end() -> None:
    kill_group(os.getpgrp())


def _end_tree() -> None:
    """All descendants too: a supervisor's trainer is a group of its own."""
    import psutil  # noqa: PLC0415 - 10 MB, which a notification's command does not need

    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process().children():
            child.suspend()  # so that it neither replaces what is killed, nor ends and us with it
    for process in reversed(psutil.Process().children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    _end()


if __name__ == "__main__":
    sys.exit(main())
