"""The panel of the trainer's start: its steps, a bar, the time left. Hidden once training runs."""

from __future__ import annotations

from textual.content import Content

from landerctl.presentation.startup_rows import AHEAD, CURRENT, OVER, StepRow, notes, step_rows
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.format import bar, shorten, spread
from landerctl.tui.widgets.lines import LinesPanel

BAR_CELLS = 24
_DIM = "$foreground-muted"
MARK_STYLES = {OVER: "$text-success", CURRENT: "$text-accent", AHEAD: _DIM}


class StartupPanel(LinesPanel):
    """The start of the trainer."""

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot, or hide."""
        self.display = snapshot.startup is not None
        super().show(snapshot)

    def lines(self, snapshot: Snapshot, width: int, height: int) -> list[Content]:
        """A line for each step, then notes."""
        startup = snapshot.startup
        if startup is None:
            return []
        return [
            *(_line(row, width) for row in step_rows(startup)),
            *(Content.styled(shorten(f"  {note}", width), _DIM) for note in notes(startup)),
        ]


def _line(row: StepRow, width: int) -> Content:
    style = {CURRENT: "bold", AHEAD: _DIM}.get(row.mark, "")
    left = Content.assemble((f"{row.mark} ", MARK_STYLES[row.mark]), (row.text, style))
    right = Content.styled(row.figures, _DIM)
    if row.share is not None:
        cells = min(BAR_CELLS, width - left.cell_length - right.cell_length - 2)
        right = Content.assemble(bar(row.share, max(0, cells), "$primary"), f" {row.figures}")
    return spread(left, right, width)
