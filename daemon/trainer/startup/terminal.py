"""Shows a start on standard error, where a person started the command."""

from __future__ import annotations

import shutil
import sys

from daemon.protocol.startup import ONCE, compiles, one_line, share_done
from daemon.protocol.trainer import Startup
from daemon.trainer.startup.progress import StartupProgress
from daemon.trainer.startup.steps import Steps

BAR_CELLS = 20


class StartupOnTerminal(StartupProgress):
    """One line with a bar if standard error is a terminal; else one line if it must compile."""

    def __init__(self, command: str, steps: Steps) -> None:
        self._terminal = sys.stderr.isatty()
        self._explained = False
        super().__init__(command, steps, self._show)

    def _show(self, startup: Startup) -> None:
        if not self._explained and compiles(startup):
            self._explained = True
            end = "" if self._terminal else f" ({startup.total} functions)"
            self._print(f"{ONCE}{end}\n")
        if self._terminal:
            columns = shutil.get_terminal_size().columns
            self._print(f"{bar(share_done(startup))} {one_line(startup)}"[: columns - 1])

    def _stop(self) -> bool:
        reporting = super()._stop()
        if reporting and self._terminal:
            self._print("")
        return reporting

    def _print(self, text: str) -> None:
        """Replace the current line."""
        back = "\r\033[K" if self._terminal else ""
        print(f"{back}{text}", end="", file=sys.stderr, flush=True)


def bar(share: float | None) -> str:
    """BAR_CELLS characters, filled to `share`; empty if it is not known."""
    filled = round((share or 0.0) * BAR_CELLS)
    return "━" * filled + "─" * (BAR_CELLS - filled)
