"""Processes of a drill: at the lowest priority, and none outlives the drill, however it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from daemon.config.layering.sources import is_setting
from daemon.processes.leashed import TREE
from daemon.processes.priority import LOWEST, set_priority
from landerctl.drills.model import DrillError


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it printed."""

    code: int  # its exit code, 128 + N after signal N
    output: bytes
    errors: str

    @property
    def reason(self) -> str:
        """The last line of its standard error, else its exit code."""
        lines = self.errors.split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), f"code {self.code}")


@contextmanager
def leashed(
    command: Sequence[str], log: Path, *, environ: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is killed with all its descendants at the end, or when this process dies.

    Standard output is a pipe, standard error is appended to `log`. It has no variables that are
    settings: a drill's configuration is its own. Raises OSError.
    """
    inherited = {name: value for name, value in os.environ.items() if not is_setting(name)}
    lifeline, held = os.pipe()
    wrapped = [sys.executable, "-P", "-m", "daemon.processes.leashed", str(lifeline), TREE]
    try:
        with log.open("ab") as errors:
            process = subprocess.Popen(
                wrapped,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**inherited, **(environ or {})},
                pass_fds=(lifeline,),
                start_new_session=True,
            )
    except OSError:
        os.close(held)
        raise
    finally:
        os.close(lifeline)
    try:
        set_priority(process.pid, LOWEST)
        assert process.stdin is not None
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(list(command)).encode() + b"\n")
            process.stdin.flush()
        yield process
    finally:
        os.close(held)
        process.communicate()


def run_leashed(
    command: Sequence[str], log: Path, *, timeout_s: float, content: bytes = b""
) -> Ended:
    """Run a command to its end; `content` is its standard input, which then ends.

    Raises DrillError if it takes longer, and OSError.
    """
    began = log.stat().st_size if log.exists() else 0
    with leashed(command, log) as process:
        try:
            output, _ = process.communicate(content, timeout_s)
        except subprocess.TimeoutExpired:
            what = " ".join(command[1:4])
            raise DrillError(f"{what}: no result within {timeout_s:g} s") from None
    with log.open("rb") as stream:
        stream.seek(began)
        errors = stream.read().decode(errors="replace")
    return Ended(process.returncode, output, errors)
