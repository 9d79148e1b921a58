"""A process that ends when its standard input does."""

from __future__ import annotations

import subprocess
import sys

from tests.daemon.harness import ROOT
from tests.waiting import PATIENCE_S

LIVES = """
import os, signal
from daemon.processes.lifeline import end_with_input
end_with_input(lambda: os._exit(7))
print("up", flush=True)
signal.pause()
"""


def test_it_ends_when_the_other_end_is_closed_and_not_before() -> None:
    command = [sys.executable, "-c", LIVES]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.stdin.write(b"this is ignored\n")
        process.stdin.flush()
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 7
