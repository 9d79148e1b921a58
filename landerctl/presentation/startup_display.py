"""Shows a start on standard error: rows with a bar on a terminal, elsewhere a few lines."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from daemon.protocol.startup import ONCE, compiles, one_line
from daemon.protocol.trainer import Startup
from landerctl.presentation.startup_rows import (
    CURRENT,
    OVER,
    StepRow,
    finished_rows,
    milestone,
    notes,
    step_rows,
)

MAX_COLUMNS = 80
BAR_CELLS = 12
_STYLES = {OVER: "green", CURRENT: "bold"}


class StartupDisplay:
    """A context in which `show` may be called often.

    `quiet`: without a terminal nothing but why it compiles. `stays`: the rows stay when it ends.
    """

    def __init__(self, *, quiet: bool = False, stays: bool = True) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._quiet = quiet
        self._live = (
            Live(console=self._console, auto_refresh=False, transient=not stays)
            if self._console.is_terminal
            else None
        )
        self._startup: Startup | None = None
        self._printed: object = None
        self._explained = False

    def __enter__(self) -> StartupDisplay:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            if error is None and self._startup is not None:
                self._draw(Group(*map(self._row, finished_rows(self._startup))))
            self._live.stop()

    def show(self, startup: Startup) -> None:
        """Show how far the start is."""
        self._startup = startup
        if self._live is not None:
            rows = [self._row(row) for row in step_rows(startup)]
            self._draw(Group(*rows, *(Text(f"  {line}", "dim") for line in notes(startup))))
            return
        if not self._explained and compiles(startup):
            self._explained = True
            self._print(ONCE)
        if not self._quiet and milestone(startup) != self._printed:
            self._printed = milestone(startup)
            self._print(one_line(startup))

    def say(self, text: str) -> None:
        """Show a line instead: there is no start to follow at the moment."""
        self._startup = None
        if self._live is not None:
            self._draw(Text(text))
        elif not self._quiet and text != self._printed:
            self._printed = text
            self._print(text)

    def _draw(self, content: RenderableType) -> None:
        assert self._live is not None
        self._live.update(content, refresh=True)

    def _print(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)

    def _row(self, row: StepRow) -> Text:
        width = min(self._console.width, MAX_COLUMNS) - 1
        line = Text(f"{row.mark} {row.text}", _STYLES.get(row.mark, "dim"), no_wrap=True)
        right = Text(row.figures, "dim")
        if row.share is not None:
            filled = round(row.share * BAR_CELLS)
            right = Text.assemble(
                ("━" * filled, "green"), ("─" * (BAR_CELLS - filled), "dim"), f" {row.figures}"
            )
        line.truncate(max(1, width - right.cell_len - 1), overflow="ellipsis", pad=True)
        return line.append(" ").append_text(right)
