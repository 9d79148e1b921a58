"""The list of trials: a cursor over lines that are made when they are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from daemon.sweeps.records import TrialState
from landerctl.operations.sweeps.status import TrialRow
from landerctl.tui.sweeps.columns import Fitted, line, title_spans

LEAD_CELLS = 3
MARKED, NOT_MARKED = "■", " "
_STYLES = {
    TrialState.RUNNING: "running",
    TrialState.FAILED: "failed",
    TrialState.STOPPED: "over",
    TrialState.WAITING: "over",
}


class TrialTitles(Widget):
    """The columns' titles; a click sorts by one."""

    ALLOW_SELECT = False

    class Clicked(Message):
        """A column was clicked: sort by it."""

        def __init__(self, title: str) -> None:
            super().__init__()
            self.title = title

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's name for it
        super().__init__(id=id)
        self._shown: Fitted = ()
        self._sorted: tuple[str, bool] = ("", False)

    def show(self, shown: Fitted, title: str, reverse: bool) -> None:
        """Show these columns; `title`: of the one that is sorted by."""
        before = (self._text, self._sorted)
        self._shown, self._sorted = shown, (title, reverse)
        if before != (self._text, self._sorted):
            self.refresh()

    @property
    def _text(self) -> str:
        return "".join(
            column.cell(column.title, cells) + "  " for column, cells in self._shown
        ).rstrip()

    def render_line(self, y: int) -> Strip:
        """One line; the column that is sorted by has an arrow before or behind it."""
        base = self.rich_style
        title, reverse = self._sorted
        arrow = "▲" if reverse else "▼"
        text = list(" " * LEAD_CELLS + self._text + "  ")
        for column, start, end in title_spans(self._shown):
            if column.title == title:
                at = LEAD_CELLS + (start - 1 if column.right else start + len(title))
                at = min(at, LEAD_CELLS + end)
                if at < len(text):
                    text[at] = arrow
        return Strip([Segment("".join(text), base)]).adjust_cell_length(self.size.width, base)

    def on_click(self, event: Click) -> None:
        """Sort by the column."""
        at = event.x - self.styles.padding.left - LEAD_CELLS
        for column, start, end in title_spans(self._shown):
            if start <= at <= end:
                self.post_message(self.Clicked(column.title))


class TrialList(ScrollView, can_focus=True, inherit_bindings=False):
    """Trials, one a line; the cursor stays on its trial."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "trials--text",
        "trials--lead",
        "trials--running",
        "trials--failed",
        "trials--over",
        "trials--cursor",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "first", show=False),
        Binding("enter", "open", "Open", key_display="enter"),
    ]

    class Moved(Message):
        """The cursor is on another trial."""

    class Opened(Message):
        """Enter or a click on the cursor."""

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's name for it
        super().__init__(id=id)
        self.rows: Sequence[TrialRow] = ()
        self.cursor = 0
        self._shown: Fitted = ()
        self._leads: Mapping[int, str] = {}
        self._styles_of: dict[str, Style] = {}

    @property
    def selected(self) -> int | None:
        """The number of the trial under the cursor."""
        return self.rows[self.cursor].number if self.cursor < len(self.rows) else None

    def show_rows(self, rows: Sequence[TrialRow], shown: Fitted, leads: Mapping[int, str]) -> None:
        """Show trials in these columns. `leads`: what precedes some, by number."""
        before = self.selected
        self.rows, self._shown, self._leads = rows, shown, leads
        self.virtual_size = Size(self.scrollable_content_region.width, len(rows))
        if before is not None:
            place = (at for at, row in enumerate(rows) if row.number == before)
            self.cursor = next(place, min(self.cursor, max(0, len(rows) - 1)))
        self.refresh()
        if self.selected != before:
            self.post_message(self.Moved())

    def move_to(self, index: int) -> None:
        """Move the cursor to a line, and make it visible."""
        if not self.rows:
            return
        before, self.cursor = self.cursor, max(0, min(len(self.rows) - 1, index))
        for at in {before, self.cursor}:
            self.refresh_lines(at, 1)
        height, y = self.size.height, self.scroll_offset.y
        if not y <= self.cursor < y + height:
            top = self.cursor if self.cursor < y else self.cursor - height + 1
            self.scroll_to(y=top, animate=False, immediate=True, force=True)
        if self.cursor != before:
            self.post_message(self.Moved())

    def on_click(self, event: Click) -> None:
        """Move the cursor to the line; open it at the second click."""
        at = event.y + self.scroll_offset.y
        if at < len(self.rows):
            if at == self.cursor and self.has_focus:
                self.action_open()
            self.move_to(at)

    def action_move(self, lines: int) -> None:
        """Move the cursor."""
        self.move_to(self.cursor + lines)

    def action_page(self, pages: int) -> None:
        """Move by a screen."""
        self.move_to(self.cursor + pages * max(1, self.size.height - 1))

    def action_first(self) -> None:
        """Go to the first line."""
        self.move_to(0)

    def action_open(self) -> None:
        """Open the trial under the cursor."""
        if self.selected is not None:
            self.post_message(self.Opened())

    def render_line(self, y: int) -> Strip:
        """One line of the view."""
        width = self.scrollable_content_region.width
        at = y + self.scroll_offset.y
        if at >= len(self.rows):
            return Strip.blank(width, self._style("text"))
        row = self.rows[at]
        style, lead = self._style(_STYLES.get(row.state, "text")), self._style("lead")
        if at == self.cursor and self.has_focus:
            style, lead = style + self._style("cursor"), lead + self._style("cursor")
        before = self._leads.get(row.number, "").ljust(LEAD_CELLS)
        strip = Strip([Segment(before, lead), Segment(line(self._shown, row), style)])
        return strip.adjust_cell_length(width, style)

    def notify_style_update(self) -> None:
        """Forget the styles: the theme has changed."""
        self._styles_of.clear()
        super().notify_style_update()

    def _style(self, name: str) -> Style:
        if name not in self._styles_of:
            self._styles_of[name] = self.get_component_rich_style(f"trials--{name}")
        return self._styles_of[name]
