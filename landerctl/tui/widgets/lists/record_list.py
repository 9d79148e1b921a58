"""A list of records with a cursor: only the visible lines are drawn, only the changed ones anew."""

from __future__ import annotations

import textwrap
from collections.abc import Hashable, Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

_LEAST_BODY_CELLS = 24  # below it, wrapped lines begin at the left


class Row(NamedTuple):
    """A record as shown: `lead` before its first line; `lines` without control characters."""

    key: Hashable
    lead: str
    lines: tuple[str, ...]
    style: str  # "", "warning" or "error"


class _Shown(NamedTuple):
    row: int
    lead: str
    text: str


class RecordList(ScrollView, can_focus=True, inherit_bindings=False):
    """Records by time, the newest at the bottom.

    Nothing moves the view but the operator, and what is added while it follows the newest one.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "records--lead",
        "records--text",
        "records--warning",
        "records--error",
        "records--cursor",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "first", show=False),
        Binding("enter", "open", show=False),
    ]

    class MoreWanted(Message):
        """The cursor or the view is near an end of the rows."""

        def __init__(self, *, older: bool) -> None:
            super().__init__()
            self.older = older

    class Opened(Message):
        """Enter or a click on the cursor: the record at this index."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's name for it
        super().__init__(id=id)
        self.rows: Sequence[Row] = ()
        self.cursor = -1
        self.wrap = False
        self._lines: list[_Shown] = []
        self._first_line: list[int] = []  # of each row
        self._laid_out: tuple[int, bool] = (0, False)
        self._styles_of: dict[str, Style] = {}

    @property
    def at_last(self) -> bool:
        """Whether the cursor is on the newest row, and that can be seen."""
        return self.cursor >= len(self.rows) - 1 and self.scroll_offset.y >= self.max_scroll_y

    def show_rows(self, rows: Sequence[Row], *, follow: bool) -> None:
        """Show rows; the cursor stays on its row, or with `follow` goes to the last one."""
        if rows == self.rows:
            return
        y = self.scroll_offset.y
        top = self._lines[y].row if y < len(self._lines) else 0
        above = y - self._span(top)[0]
        top_key, key = self._key_of(top), self._key_of(self.cursor)
        known, kept = self.rows, 0
        if (
            self._laid_out == (self.scrollable_content_region.width, self.wrap)
            and rows[: len(known)] == known
        ):
            kept = len(known)  # most often rows are only added
        self.rows = rows
        self._lay_out(kept)
        if follow or key is None or not rows:
            self.cursor = len(rows) - 1
            self.scroll_end(animate=False, immediate=True, force=True)
        else:
            top = self._index_of(top_key, 0)
            self.cursor = self._index_of(key, top)
            y = self._first_line[top] + above
            self.scroll_to(y=y, animate=False, immediate=True, force=True)
        if kept == 0 or follow or len(self._lines) <= self.size.height:
            self.refresh()

    def move_to(self, index: int) -> None:
        """Move the cursor to a row, and make it visible."""
        if not self.rows:
            return
        before, self.cursor = self.cursor, max(0, min(len(self.rows) - 1, index))
        for row in {before, self.cursor}:
            self._refresh_row(row)
        top, end = self._span(self.cursor)
        height, y = self.size.height, self.scroll_offset.y
        if top < y:
            self.scroll_to(y=top, animate=False, immediate=True, force=True)
        elif end > y + height:
            self.scroll_to(y=min(top, end - height), animate=False, immediate=True, force=True)
        self.ask_for_more()

    def set_wrap(self, wrap: bool) -> None:
        """Wrap long lines, or cut them at the edge."""
        self.wrap = wrap
        self._lay_out_again()

    def ask_for_more(self) -> None:
        """Say at which end the rows that were read are nearly over."""
        y, height = self.scroll_offset.y, self.size.height
        if y < height or self.cursor <= 0:
            self.post_message(self.MoreWanted(older=True))
        if y + 2 * height > len(self._lines):
            self.post_message(self.MoreWanted(older=False))

    def on_resize(self) -> None:
        """Wrap for the new width."""
        if self._laid_out != (self.scrollable_content_region.width, self.wrap):
            self._lay_out_again()

    def on_click(self, event: Click) -> None:
        """Move the cursor to the line; open it at the second click."""
        y = event.y + self.scroll_offset.y
        if y < len(self._lines):
            row = self._lines[y].row
            if row == self.cursor:
                self.action_open()
            else:
                self.move_to(row)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for more rows near an end."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.ask_for_more()

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows; over a row that is higher than the view, by lines."""
        top, end = self._span(self.cursor)
        y, height = self.scroll_offset.y, self.size.height
        if rows > 0 and end > y + height:
            self.scroll_to(y=y + 1, animate=False, immediate=True, force=True)
        elif rows < 0 and 0 <= top < y:
            self.scroll_to(y=y - 1, animate=False, immediate=True, force=True)
        else:
            self.move_to(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Move by a screen."""
        if self._lines:
            y = self._span(self.cursor)[0] + pages * max(1, self.size.height - 1)
            self.move_to(self._lines[max(0, min(len(self._lines) - 1, y))].row)

    def action_first(self) -> None:
        """Go to the oldest row that was read; older ones are read then."""
        self.move_to(0)

    def action_open(self) -> None:
        """Open the record under the cursor."""
        if 0 <= self.cursor < len(self.rows):
            self.post_message(self.Opened(self.cursor))

    def render_line(self, y: int) -> Strip:
        """One line of the view."""
        width = self.scrollable_content_region.width
        at = y + self.scroll_offset.y
        if at >= len(self._lines):
            return Strip.blank(width, self._style(""))
        line = self._lines[at]
        style = self._style(self.rows[line.row].style)
        lead = self._style("lead")
        if line.row == self.cursor and self.has_focus:
            chosen = self._style("cursor")
            style, lead = style + chosen, lead + chosen
        strip = Strip([Segment(line.lead, lead), Segment(line.text, style)])
        if strip.cell_length > width:
            return Strip([*strip.crop(0, width - 1), Segment("…", style)])
        return strip.extend_cell_length(width, style)

    def notify_style_update(self) -> None:
        """Forget the styles: the theme has changed."""
        self._styles_of.clear()
        super().notify_style_update()

    def _style(self, name: str) -> Style:
        if name not in self._styles_of:
            self._styles_of[name] = self.get_component_rich_style(f"records--{name or 'text'}")
        return self._styles_of[name]

    def _key_of(self, row: int) -> Hashable:
        return self.rows[row].key if 0 <= row < len(self.rows) else None

    def _index_of(self, key: Hashable, otherwise: int) -> int:
        """Where the row with this key is now; `otherwise` if it was dropped."""
        places = reversed(range(len(self.rows)))
        return next((at for at in places if self.rows[at].key == key), otherwise)

    def _span(self, row: int) -> tuple[int, int]:
        """The first line of a row, and the first of the next."""
        if not 0 <= row < len(self._first_line):
            return 0, 0
        after = row + 1
        end = self._first_line[after] if after < len(self._first_line) else len(self._lines)
        return self._first_line[row], end

    def _refresh_row(self, row: int) -> None:
        top, end = self._span(row)
        self.refresh_lines(top, end - top)

    def _lay_out_again(self) -> None:
        self._lay_out(0)
        self.move_to(self.cursor)
        self.refresh()

    def _lay_out(self, kept: int) -> None:
        """Make the lines of all rows but the first `kept`, which have theirs."""
        width = self.scrollable_content_region.width
        if kept == 0:
            self._lines, self._first_line = [], []
        for index in range(kept, len(self.rows)):
            self._first_line.append(len(self._lines))
            row = self.rows[index]
            self._lines += [
                _Shown(index, *line) for line in _row_lines(row, width if self.wrap else None)
            ]
        self._laid_out = (width, self.wrap)
        self.virtual_size = Size(width, len(self._lines))


def _row_lines(row: Row, width: int | None) -> list[tuple[str, str]]:
    """Lead and text of each line of a row; wrapped to `width` cells if given."""
    lead = row.lead
    if width is None:
        return [(lead, row.lines[0]), *(("  ", line) for line in row.lines[1:])]
    indent = len(lead) if width - len(lead) >= _LEAST_BODY_CELLS else 2
    first, *rest = _wrapped(row.lines[0], width - len(lead)) or [""]
    if indent == 2:
        rest = _wrapped(row.lines[0][len(first) :].lstrip(), width - 2)
    lines = [(lead, first), *((" " * indent, text) for text in rest)]
    for other in row.lines[1:]:
        lines += [("  ", text) for text in _wrapped(other, width - 2) or [""]]
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    wrapped = textwrap.wrap(
        text, max(4, width), drop_whitespace=False, replace_whitespace=False, tabsize=4
    )
    return [line for line in wrapped if line.strip()]
