"""The panel of a rollback: its steps, then how training goes on. Hidden once it is reported."""

from __future__ import annotations

from textual.content import Content

from landerctl.presentation.startup_rows import AHEAD, CURRENT, StepRow
from landerctl.tui.data.rollback import headline, outcome, rollback_rows
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.format import shorten
from landerctl.tui.widgets.lines import LinesPanel
from landerctl.tui.widgets.panels.startup import MARK_STYLES

_DIM = "$foreground-muted"
IN_PLACE = "The state is in place: landerctl start resumes training from there"
NO_HOST = "No daemon runs: unless a command rolls back, landerctl start finishes or reverts it"


class RollbackPanel(LinesPanel):
    """The last rollback."""

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot, or hide."""
        self.display = snapshot.rollback is not None and snapshot.rollback.shown
        super().show(snapshot)

    def lines(self, snapshot: Snapshot, width: int, height: int) -> list[Content]:
        """The headline, then all steps; where there is no room, the one in progress."""
        seen, trainer = snapshot.rollback, snapshot.status.trainer
        if seen is None or not seen.shown:
            return []
        head = Content.styled(shorten(headline(seen, trainer, snapshot.read_s), width), "bold")
        if not seen.in_progress:
            return [head, Content.styled(shorten(outcome(seen, snapshot.read_s), width), _DIM)]
        rows = rollback_rows(seen, trainer)
        if not snapshot.situation.answers:
            text = IN_PLACE if seen.journal.step == "swapped" else NO_HOST
            return [head, Content.styled(shorten(text, width), "$text-warning")]
        if len(rows) >= height:
            rows = [row for row in rows if row.mark == CURRENT]
        return [head, *(_line(row, width) for row in rows)][:height]


def _line(row: StepRow, width: int) -> Content:
    style = {CURRENT: "bold", AHEAD: _DIM}.get(row.mark, "")
    text = shorten(row.text, width - 2)
    return Content.assemble((f"{row.mark} ", MARK_STYLES[row.mark]), (text, style))
