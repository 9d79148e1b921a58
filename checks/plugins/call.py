"""`python -m checks.plugins.call NAME FD`: calls the check of a plugin on the evidence on stdin.

Both are msgpack, which keeps NaN and infinities. What the plugin prints does not get to standard
output, where its verdict is written. Ends once the pipe `FD` is closed.
"""

from __future__ import annotations

import os
import sys

import msgspec

from checks.evidence import Evidence
from checks.verdict import Verdict
from daemon.plugins.call import load_function
from daemon.processes.lease import kill_group
from daemon.processes.lifeline import end_with


def main() -> None:
    """Call the check; an exception of it ends this process with its traceback."""
    name, lifeline = sys.argv[1], int(sys.argv[2])
    end_with(lifeline, lambda: kill_group(os.getpgrp()))
    answer = os.dup(1)  # not inherited by what the plugin starts
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    evidence = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Evidence)
    verdict = load_function("checks", name)(evidence)
    if not isinstance(verdict, Verdict):
        raise TypeError(f"returned a {type(verdict).__name__}, not a checks.verdict.Verdict")
    os.write(answer, msgspec.msgpack.encode(verdict))


if __name__ == "__main__":
    main()
