"""The list of series to choose from, with their newest values and ages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from daemon.base.text.one_line import one_line
from daemon.store.records import Sample
from landerctl.tui.format import coarse_duration, shorten, shorten_middle
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.plotting.legend import LETTERS
from landerctl.tui.plotting.metric import metric_of
from landerctl.tui.plotting.search import Entry

_NAME_CELLS, _VALUE_CELLS, _AGE_CELLS = 31, 14, 7
_MARK_CELLS = 4  # cursor and letter; a click there adds or removes
_WHEEL_ROWS = 3


class MetricList(Widget):
    """Draws only the rows that can be seen; `seen` names them."""

    class Picked(Message):
        """A row was clicked: `alone`, or to be added to the plot or removed from it."""

        def __init__(self, series: str, *, alone: bool) -> None:
            super().__init__()
            self.series = series
            self.alone = alone

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's name for it
        super().__init__(id=id)
        self._entries: Sequence[Entry] = ()
        self._newest: Mapping[str, Sample | None] = {}
        self._choice = PlotChoice(("",))
        self._now_s = 0.0
        self._cursor = self._top = 0
        self._drawn = Content()

    @property
    def selected(self) -> Entry | None:
        """The entry under the cursor; None if none matches."""
        return self._entries[self._cursor] if self._entries else None

    @property
    def seen(self) -> tuple[str, ...]:
        """The names of the series in the rows that can be seen."""
        return tuple(
            entry.series for entry in self._entries[self._top : self._top + self.size.height]
        )

    def show_entries(self, entries: Sequence[Entry], *, keep: bool) -> None:
        """Show these; `keep`: the cursor stays on its series, else it is on the first."""
        selected = self.selected
        self._entries = entries
        names = [entry.series for entry in entries]
        stays = keep and selected is not None and selected.series in names
        self._cursor = names.index(selected.series) if stays and selected else 0
        self.move(0)

    def show_values(
        self, newest: Mapping[str, Sample | None], choice: PlotChoice, now_s: float
    ) -> None:
        """Show the newest samples, their ages at `now_s` (Unix, s), and what is chosen."""
        self._newest, self._choice, self._now_s = newest, choice, now_s
        self._redraw()

    def move(self, by: int) -> None:
        """Move the cursor, and the rows with it."""
        height = max(1, self.size.height)
        self._cursor = max(0, min(len(self._entries) - 1, self._cursor + by))
        self._top = max(min(self._top, self._cursor), self._cursor - height + 1)
        self._top = max(0, min(self._top, len(self._entries) - height))
        self._redraw()

    def on_resize(self) -> None:
        """Keep the cursor among the rows."""
        self.move(0)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move down."""
        event.stop()
        self.move(_WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move up."""
        event.stop()
        self.move(-_WHEEL_ROWS)

    def on_click(self, event: events.Click) -> None:
        """Select; at its left edge add or remove it; a click on the selected one plots it."""
        row = self._top + event.y
        if row >= len(self._entries):
            return
        was_selected, self._cursor = row == self._cursor, row
        self._redraw()
        if event.x < _MARK_CELLS or was_selected:
            series = self._entries[row].series
            self.post_message(self.Picked(series, alone=event.x >= _MARK_CELLS))

    def render(self) -> Content:
        """The rows that can be seen."""
        self._drawn = self._make()
        return self._drawn

    def _redraw(self) -> None:
        if not self._make().is_same(self._drawn):
            self.refresh()

    def _make(self) -> Content:
        width, height = self.size
        shown = self._entries[self._top : self._top + height]
        return Content("\n").join(
            self._row(entry, width, self._top + row == self._cursor)
            for row, entry in enumerate(shown)
        )

    def _row(self, entry: Entry, width: int, selected: bool) -> Content:
        chosen = self._choice.series
        letter = LETTERS[chosen.index(entry.series)] if entry.series in chosen else " "
        sample = self._newest.get(entry.series)
        value = age = ""
        if sample is not None:
            value = metric_of(entry.series).figure(sample.value)
            age = coarse_duration(self._now_s - sample.time_s)
        elif entry.series in self._newest:
            value = "none"
        name = shorten_middle(one_line(entry.series), _NAME_CELLS)
        text = Content.assemble(
            f"{'▸' if selected else ' '} ",
            (f"{letter} ", "bold $text-accent"),
            (f"{name:<{_NAME_CELLS}}", "bold" if letter != " " else ""),
            f"{shorten(value, _VALUE_CELLS):>{_VALUE_CELLS}}",
            (f"{age:>{_AGE_CELLS}}", "$foreground-muted"),
        )
        room = width - text.cell_length - 2
        if room > 0:
            meaning = shorten(entry.meaning, room)
            text = Content.assemble(text, "  ", (meaning, "$foreground-muted"))
        text = text.truncate(width, ellipsis=True)
        if selected:
            text = (text + " " * (width - text.cell_length)).stylize("on $primary 30%")
        return text
