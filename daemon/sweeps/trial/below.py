"""Programs below a trial that work for a while and print one result; they end with the trial."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Stop

from daemon.processes.leashed import TREE

POLL_S = 0.2


@dataclass(frozen=True)
class Surroundings:
    """What such a program gets: variables, a log for its standard error, what stops it."""

    environment: Mapping[str, str]
    log: Path
    stop: Stop


@dataclass(frozen=True)
class Ended:
    """Its exit code (128 + N after signal N) and what it printed."""

    code: int
    output: bytes


class StoppedError(Exception):
    """The trial was asked to stop while a program worked for it."""


def run_below(command: Sequence[str], around: Surroundings) -> Ended:
    """Run a program to its end. Raises StoppedError, with the program ended, and OSError."""
    lifeline, held = os.pipe()
    try:
        with around.log.open("ab") as errors:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "daemon.processes.leashed", str(lifeline), TREE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(around.environment),
                cwd="/",
                pass_fds=(lifeline,),
                start_new_session=True,
            )
    except OSError:
        os.close(held)
        raise
    finally:
        os.close(lifeline)
    line: bytes | None = json.dumps(list(command)).encode() + b"\n"
    while True:
        try:
            output, _ = process.communicate(line, POLL_S)
        except subprocess.TimeoutExpired:
            line = None  # it is being written
            if around.stop.is_set():
                os.close(held)
                process.communicate()
                raise StoppedError("stopped; it can continue") from None
        else:
            os.close(held)
            return Ended(process.returncode, output)
