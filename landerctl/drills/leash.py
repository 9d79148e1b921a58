"""Processes of a drill: at the lowest priority, and none outlives the drill, however it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from daemon.processes.lease import kill_group

NICENESS = 19


@contextmanager
def leashed(
    command: Sequence[str], log: Path, *, environ: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process group that is killed at the end, or when this process dies.

    Standard output is a pipe, standard error is appended to `log`. A supervisor's trainer is a
    group of its own: it saves a checkpoint and exits. Raises OSError.
    """
    lifeline, held = os.pipe()
    wrapped = [sys.executable, "-m", "daemon.processes.leashed", str(lifeline)]
    try:
        with log.open("ab") as errors:
            process = subprocess.Popen(
                wrapped,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=None if environ is None else {**os.environ, **environ},
                pass_fds=(lifeline,),
                start_new_session=True,
            )
    except OSError:
        os.close(held)
        raise
    finally:
        os.close(lifeline)
    try:
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
        assert process.stdin is not None
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(list(command)).encode() + b"\n")
            process.stdin.flush()
        yield process
    finally:
        os.close(held)
        kill_group(process.pid)
        process.communicate()
