"""The page of the production checklist."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.content import Content

from daemon.base.paths import StatePaths
from landerctl.tui.actions import CHECKLIST_ACTIONS
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.screens.browse.page import BrowsePage
from landerctl.tui.screens.checklist.judging import ChecklistReader, Judged
from landerctl.tui.screens.checklist.rows import sections, summary

PAST = "Lines are judged of now only: End returns to now"


class ChecklistPage(BrowsePage[Judged | None]):
    """The decision with what to do next, the burn-in, all phases with their lines, reviews."""

    BINDINGS = [action.binding for action in CHECKLIST_ACTIONS]  # noqa: RUF012  Textual's way

    def __init__(self, paths: StatePaths) -> None:
        super().__init__("checklist", "Show lines with these words")
        self._reader = ChecklistReader(paths, now=time.time, monotonic=time.monotonic)
        self._judged: Judged | None = None
        self._worst_first = False
        self._now_s: float | None = None

    @property
    def read(self) -> Callable[[Snapshot], Judged | None]:
        """Judges, where that is due."""
        return self._reader.read

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot: the age of the judgement."""
        super().show(snapshot)
        self._now_s = snapshot.read_s
        if snapshot.at_s is not None:
            recorded = snapshot.status.checklist
            text = f"recorded then: {recorded.text()}. " if recorded is not None else ""
            self.show_summary(Content(f"{text}{PAST}"))
            self.show_sections(())
        elif self._judged is not None:
            self.show_summary(summary(self._judged, self._now_s))

    def show_data(self, data: Judged | None) -> None:
        """Show a judgement, if it is a new one."""
        if data is self._judged:
            return
        self._judged = data
        self._show_lines()

    def _show_lines(self) -> None:
        if self._judged is not None and self._now_s is not None:
            self.show_summary(summary(self._judged, self._now_s))
            self.show_sections(sections(self._judged, worst_first=self._worst_first))

    def action_worst_first(self) -> None:
        """Order phases and lines by state, or again as the document."""
        self._worst_first = not self._worst_first
        self._show_lines()
        order = "failing and open first" if self._worst_first else "as in the document"
        self.notify(f"Order: {order}")

    def action_judge_again(self) -> None:
        """Judge now."""
        self._reader.asked = True
        self.show_summary(Content("Judging …"))
        self.read_again()
