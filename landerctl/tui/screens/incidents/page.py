"""The page of incidents and of the alerts' history."""

from __future__ import annotations

import os
from collections.abc import Callable

from daemon.base.paths import StatePaths
from daemon.base.user import user_name
from landerctl.tui.actions import INCIDENT_ACTIONS
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.questions import close_question
from landerctl.tui.screens.browse.page import BrowsePage
from landerctl.tui.screens.incidents.reading import Happened, IncidentsReader
from landerctl.tui.screens.incidents.rows import (
    ALERTS,
    INCIDENTS,
    incident_row_id,
    sections,
    summary,
)

AGE_STEP_S = 10.0  # a history of a thousand alerts takes a while to draw


class IncidentsPage(BrowsePage[Happened]):
    """Incidents with their rollbacks, and each alert that fired with its evidence."""

    BINDINGS = [action.binding for action in INCIDENT_ACTIONS]  # noqa: RUF012  Textual's way

    def __init__(self, paths: StatePaths) -> None:
        super().__init__("incidents", "Show lines with these words")
        self._reader = IncidentsReader(paths)
        self._happened: Happened | None = None
        self._snapshot: Snapshot | None = None
        self._expanded |= {INCIDENTS, ALERTS}

    @property
    def read(self) -> Callable[[Snapshot], Happened]:
        """Reads incidents and alerts."""
        return self._reader.read

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot: for how long what still fires has fired, in steps of AGE_STEP_S."""
        super().show(snapshot)
        before, self._snapshot = self._snapshot, snapshot
        if before is None or _ages(before) != _ages(snapshot):
            self._show_lines()

    def show_data(self, data: Happened) -> None:
        """Show what happened."""
        if data is not self._happened:
            self._happened = data
            self._show_lines()

    def _show_lines(self) -> None:
        if self._happened is not None and self._snapshot is not None:
            self.show_summary(summary(self._happened))
            self.show_sections(sections(self._happened, self._snapshot))

    def on_option_list_option_highlighted(self) -> None:
        """Show the selected line; have the evidence of an alert read."""
        super().on_option_list_option_highlighted()
        kind, _, id_ = (self.selected or "").partition(":")
        wanted = int(id_) if kind == "fired" else None
        if wanted != self._reader.wanted:
            self._reader.wanted = wanted
            if wanted is not None:
                self.read_again()

    def action_close_incident(self) -> None:
        """Ask for the cause of the selected incident, then close it."""
        found = self._happened.incidents if self._happened is not None else ()
        one = next((one for one in found if incident_row_id(one) == self.selected), None)
        if one is None:
            self.notify("Choose an incident with the arrow keys first", severity="warning")
        elif self._snapshot is not None and self._snapshot.at_s is not None:
            self.notify("This is the past: End returns to now", severity="warning")
        elif one.closed_s is not None:
            self.notify(f"{one.id} is closed already", severity="warning")
        else:
            self.post_message(
                self.QuestionAsked(close_question(one.id, one.title, user_name(os.getuid())))
            )


def _ages(snapshot: Snapshot) -> tuple[object, ...]:
    """What the lines show of a snapshot, besides what was read."""
    firing = [alert.name for alert in snapshot.status.alerts if alert.state == "firing"]
    live = snapshot.situation.live
    return snapshot.at_s, snapshot.read_s // AGE_STEP_S, live, firing, snapshot.rules
