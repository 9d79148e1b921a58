"""`drill`: carries the heavy part of a drill out, and prints what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import msgspec

from daemon.config import Config
from daemon.protocol.drill import (
    DrillFinding,
    DrillLine,
    DrillProgress,
    DrillRefused,
    encode_drill_line,
)
from daemon.protocol.finding import Finding
from daemon.trainer.commands.drills.environment import environment
from daemon.trainer.commands.drills.reward import reward
from daemon.trainer.commands.drills.work import Work
from daemon.trainer.flyable import check_config
from daemon.trainer.health.errors import UnusableError
from env.compilation.build import compile_environment

DRILLS: dict[str, Callable[[Work], Iterator[Finding]]] = {
    "environment": environment,
    "reward": reward,
}


def drill(name: str, config_file: Path, folder: Path, output: TextIO) -> int:
    """Print each finding as it is made; returns 0. `config_file`: JSON of a whole `Config`.

    A configuration that cannot be flown is a refusal.
    """

    def send(line: DrillLine) -> None:
        output.buffer.write(encode_drill_line(line))
        output.buffer.flush()

    def report(text: str, share: float) -> None:
        send(DrillProgress(text, share))

    compiled = -1

    def report_compiled(done: int, total: int) -> None:
        nonlocal compiled
        if done != compiled:  # it is asked several times a second
            compiled = done
            report(f"compiling: {done} of {total} functions", 0.0)

    config = msgspec.json.decode(config_file.read_bytes(), type=Config)
    try:
        check_config(config)
        compile_environment(report_compiled)
        for finding in DRILLS[name](Work(config, folder, report)):
            send(DrillFinding(finding))
    except UnusableError as error:
        send(DrillRefused(str(error)))
    return 0
