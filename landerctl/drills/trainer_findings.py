"""Reads what a heavy part of a drill, a leashed process, finds: `daemon.protocol.drill`."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import msgspec

from daemon.base.files import write_atomically
from daemon.base.malformed import MALFORMED
from daemon.protocol.drill import DrillFinding, DrillLine, DrillProgress, drill_decoder
from daemon.protocol.finding import Finding
from landerctl.drills.model import DrillContext, DrillError
from landerctl.drills.scratch.leash import leashed

SILENT_S = 900.0  # without a line for this long it hangs; a first start compiles for minutes
_CHUNK = 65536


def trainer_command(*arguments: str) -> list[str]:
    """`python -m daemon.trainer ARGUMENTS`, by this interpreter."""
    return [sys.executable, "-P", "-m", "daemon.trainer", *arguments]


def drill_command(context: DrillContext, name: str) -> list[str]:
    """The heavy part of a drill (daemon.trainer.commands.drills), in its scratch folder."""
    config = context.scratch / "config.json"
    write_atomically(config, msgspec.json.encode(context.config))
    return trainer_command("drill", name, "--config", str(config), "--folder", str(context.scratch))


def trainer_findings(
    context: DrillContext,
    command: Sequence[str],
    *,
    environ: Mapping[str, str] | None = None,
    until: float = 1.0,
    silent_s: float = SILENT_S,
) -> Iterator[Finding]:
    """Run the command, and yield each finding as it is made.

    Its progress is reported as the drill's, from 0 to `until`. Raises DrillError if it refuses,
    fails, prints what is no line of a drill, or is silent for `silent_s`.
    """
    log = context.scratch / "trainer.log"
    with leashed(command, log, environ=environ) as process:
        assert process.stdout is not None
        for line in _lines(process.stdout, silent_s):
            match _decode(line):
                case DrillFinding(finding):
                    yield finding
                case DrillProgress(text, share):
                    context.report(text, share * until)
                case refused:
                    raise DrillError(refused.text)
        code = process.wait()
    if code != 0:
        raise DrillError(f"exit code {code}: {last_line(log) or 'it printed nothing'}")


def _lines(stream: IO[bytes], silent_s: float) -> Iterator[bytes]:
    """The stream's lines. Raises DrillError if none comes for `silent_s`."""
    rest, deadline = b"", time.monotonic() + silent_s
    while True:
        left_s = deadline - time.monotonic()
        if left_s <= 0.0 or not select.select([stream], [], [], left_s)[0]:
            raise DrillError(f"it has printed nothing for {silent_s:g} s: ended as hung")
        data = os.read(stream.fileno(), _CHUNK)
        if not data:
            return
        *lines, rest = (rest + data).split(b"\n")
        if lines:
            yield from lines
            deadline = time.monotonic() + silent_s


def _decode(line: bytes) -> DrillLine:
    try:
        return drill_decoder.decode(line)
    except MALFORMED:
        text = line[:80].decode(errors="replace")
        raise DrillError(f"it printed {text!r}, which is no line of a drill") from None


def last_line(log: Path) -> str:
    """The last line of a log that says anything; "": none does. Raises OSError."""
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
