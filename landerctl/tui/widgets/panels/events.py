"""The event log: newest at the bottom, scrolls along until the operator scrolls up."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from checks.wording import clock
from daemon.config.schema import Severity
from daemon.store.records import Event
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.format import wrap
from landerctl.tui.widgets.lines import LinesPanel

MAX_NOTES = 50
_MARKS: dict[Severity, tuple[str, str]] = {
    "info": ("·", ""),
    "warning": ("▲ warning: ", "$text-warning"),
    "critical": ("✖ CRITICAL: ", "bold $text-error"),
}


@dataclass(frozen=True)
class OperatorNote:
    """The result of a request sent from this screen; not in the store."""

    time_s: float
    severity: Severity
    text: str


class EventsPanel(VerticalScroll):
    """Events of the store and answers to this operator's requests, ordered by time."""

    BINDINGS = [  # noqa: RUF012  Textual's way
        Binding("enter", "app.show_page('events')", "All events", show=False)
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's name for it
        super().__init__(id=id)
        self.border_title = "Events"
        # Made here: a snapshot may come before Textual has composed the panel.
        self._lines = _EventLines(id="event-lines")
        self._notes: tuple[OperatorNote, ...] = ()
        self._shown: tuple[tuple[Event, ...], tuple[OperatorNote, ...]] | None = None
        self._snapshot: Snapshot | None = None

    def compose(self) -> ComposeResult:
        """One block of lines that grows with the number of events."""
        yield self._lines

    def on_mount(self) -> None:
        """Keep the newest line visible."""
        self.anchor()

    def on_show(self) -> None:
        """Show what came while the panel was hidden."""
        if self._snapshot is not None:
            self.show(self._snapshot)

    def add_note(self, note: OperatorNote) -> None:
        """Append a note."""
        self._notes = (*self._notes, note)[-MAX_NOTES:]
        if self._snapshot is not None:
            self.show(self._snapshot)

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot; lay out again only if there are new events or notes."""
        self._snapshot = snapshot
        if not self.display:
            return
        if (snapshot.events, self._notes) != self._shown:
            self._shown = (snapshot.events, self._notes)
            self._lines.notes = self._notes
            self._lines.show(snapshot)


class _EventLines(LinesPanel):
    notes: tuple[OperatorNote, ...] = ()

    def lines(self, snapshot: Snapshot, width: int, height: int) -> list[Content]:
        return event_lines(snapshot.events, self.notes, width)


def event_lines(
    events: tuple[Event, ...], notes: tuple[OperatorNote, ...], width: int
) -> list[Content]:
    """One entry per event, the time at the left, wrapped text aligned."""
    if not events and not notes:
        return [Content.styled("No events yet: what happens is listed here", "$foreground-muted")]
    entries = [(event.time_s, event.severity, event.text, "") for event in events]
    entries += [(note.time_s, note.severity, note.text, "you › ") for note in notes]
    entries.sort(key=lambda entry: entry[0])
    lines: list[Content] = []
    for time_s, severity, text, origin in entries:
        mark, style = _MARKS[severity]
        lead = f"{clock(time_s)} "
        body = f"{mark}{origin}{text}" if mark != "·" else f"{origin}{text}"
        wrapped = wrap(body, max(12, width - len(lead))) or [""]
        lines.append(Content.assemble((lead, "$foreground-muted"), (wrapped[0], style)))
        lines += [Content.assemble(" " * len(lead), (rest, style)) for rest in wrapped[1:]]
    return lines
