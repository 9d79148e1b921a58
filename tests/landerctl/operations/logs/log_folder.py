"""Logs in a state folder, written line by line."""

from __future__ import annotations

from pathlib import Path

from daemon.base.paths import StatePaths
from daemon.base.text.log_line import log_line
from landerctl.operations.logs.record import LogRecord

RUN = "20260728-141500-curriculum-ppo-3fa9"
TRACE = "Traceback (most recent call last):\n  File 'x.py', line 1\nValueError: bad\n"
START_S = 1_785_000_000.0


class LogFolder:
    def __init__(self, home: Path) -> None:
        self.paths = StatePaths(home)
        self.run = self.paths.run(RUN)
        self.run.folder.mkdir(parents=True, exist_ok=True)

    @property
    def supervisor(self) -> Path:
        return self.paths.log

    @property
    def trainer(self) -> Path:
        return self.run.log


def add(path: Path, second: float, text: str, level: str = "INFO", name: str = "daemon.x") -> None:
    """Append a dated line, `second` seconds after START_S."""
    raw(path, log_line(START_S + second, level, name, text) + "\n")


def raw(path: Path, text: str) -> None:
    """Append text as it is."""
    with path.open("a") as log:
        log.write(text)


def rotate(path: Path) -> None:
    """As `logging.handlers.RotatingFileHandler` with two old files."""
    for number in (2, 1):
        older = path.with_name(f"{path.name}.{number}")
        newer = path.with_name(f"{path.name}.{number - 1}") if number > 1 else path
        if newer.exists():
            newer.replace(older)


def texts(records: list[LogRecord]) -> list[str]:
    return [record.lines[0] for record in records]
