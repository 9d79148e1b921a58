"""The line that says that a sweep runs in this state folder. Hidden if none does."""

from __future__ import annotations

from textual.content import Content

from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.format import fit
from landerctl.tui.widgets.lines import LinesPanel

OPEN_PAGE = "app.show_page('sweeps')"


class SweepLine(LinesPanel):
    """A click opens the page of sweeps."""

    async def on_click(self) -> None:
        """Open the page."""
        await self.run_action(OPEN_PAGE)

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot, or hide."""
        self.display = snapshot.sweep is not None
        super().show(snapshot)

    def lines(self, snapshot: Snapshot, width: int, height: int) -> list[Content]:
        """One line."""
        return sweep_lines(snapshot, width)


def sweep_lines(snapshot: Snapshot, width: int) -> list[Content]:
    """The line, if a sweep runs."""
    sweep = snapshot.sweep
    if sweep is None:
        return []
    mark, style = ("▲", "$text-warning") if sweep.paused else ("●", "$text-success")
    text = fit(width - 2, f"{sweep.text} · 8 opens it", sweep.text)
    return [Content.assemble((f"{mark} ", style), text)]
