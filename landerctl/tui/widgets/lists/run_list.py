"""The list of runs: a cursor over lines, of which only the visible ones are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from landerctl.tui.widgets.lists.record_list import RecordList, Row


class RunDetails(RecordList, can_focus=False):
    """Lines about the selected run: only drawn ones cost time, unlike those of a text widget."""

    def show_lines(self, run_id: str, lines: Sequence[tuple[str, str]]) -> None:
        """Show lines, each a muted beginning and a text."""
        self.show_rows(
            [Row((run_id, at), lead, (text,), "") for at, (lead, text) in enumerate(lines)],
            follow=False,
        )
        self.move_to(0)


class RunList(RecordList):
    """Begins at its first line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"records--current"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", key_display="enter"),
    ]

    class Moved(Message):
        """The cursor is on another line."""

    def show_rows(self, rows: Sequence[Row], *, follow: bool = False) -> None:
        """Show lines; the cursor stays on its own."""
        known = self.cursor >= 0 and bool(self.rows)
        super().show_rows(rows, follow=follow)
        self.move_to(self.cursor if known else 0)

    def move_to(self, index: int) -> None:
        """Move the cursor, and make it visible."""
        before = self.selected
        super().move_to(index)
        if self.selected != before:
            self.post_message(self.Moved())

    @property
    def selected(self) -> str | None:
        """The id of the run under the cursor."""
        key = self._key_of(self.cursor)
        return None if key is None else str(key)
