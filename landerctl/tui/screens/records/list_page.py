"""Base class of the pages of a long list: a window of records, a filter by text, a cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.css.query import NoMatches
from textual.widgets import Input, Static

from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.data.windows.window import Wanted, Window
from landerctl.tui.screens.page import Page
from landerctl.tui.widgets.lists.record_list import RecordList, Row

Item = TypeVar("Item")
Filter = TypeVar("Filter")


class ListPage(Page[Window[Item]]):
    """Subclasses say how a record is shown and what the filter is.

    `_wanted` is replaced here and read in the feed's thread, which owns the records.
    """

    AUTO_FOCUS = "RecordList"
    TITLE_TEXT: ClassVar[str]

    def __init__(self, name: str, wanted: Wanted[Any]) -> None:
        super().__init__(name)
        self._wanted = wanted
        self._window: Window[Item] | None = None
        self._follows = wanted.at_s is None
        self._snapshot: Snapshot | None = None
        # For which window more was asked already.
        self._older_asked_of: Window[Item] | None = None
        self._newer_asked_of: Window[Item] | None = None
        self._shown_rows: tuple[tuple[Item, ...], list[Row]] = ((), [])
        self._state_text = ""

    def row(self, item: Item) -> Row:
        """How a record is shown."""
        raise NotImplementedError

    def time_s(self, item: Item) -> float:
        """A record's time (Unix)."""
        raise NotImplementedError

    def filter_text(self) -> str:
        """What the filter lets through, for the line above the list."""
        raise NotImplementedError

    def search(self, text: str) -> None:
        """Filter by a text; empty: no longer."""
        raise NotImplementedError

    def open_item(self, item: Item) -> None:
        """Show a record whole."""
        raise NotImplementedError

    def content(self) -> ComposeResult:
        """The line that says what is shown, the list, the field for a search."""
        with Vertical(classes="records-box"):
            yield Static(classes="records-state")
            yield RecordList(id=f"{self.name}-records")
            yield Input(placeholder="text to search for; empty: all", classes="records-search")

    def on_mount(self) -> None:
        """Say what is shown while it is read."""
        self.query_one(Input).display = False
        self._show_state()

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot."""
        super().show(snapshot)
        self._snapshot = snapshot

    def show_data(self, data: Window[Item]) -> None:
        """Show what was read, unless something else is wanted by now."""
        if data.serial != self._wanted.serial:
            return
        first = self._window is None or self._window.serial != data.serial
        records = self.query_one(RecordList)
        follows = data.at_end and self._follows if first else data.at_end and records.at_last
        rows = self._rows(data.items)
        self._window = data
        records.show_rows(rows, follow=follows)
        if first and self._wanted.at_s is not None:
            records.move_to(self._index_at(self._wanted.at_s))
        self._show_state()
        if data.searching:
            self.read_again()
        elif len(rows) < records.size.height:
            records.ask_for_more()

    def wants(self, **changes: object) -> None:
        """Begin anew with another filter; the cursor stays at its time as long as it can."""
        at = self._time_of_cursor()
        self._follows = at is None
        self._wanted = Wanted(
            self._wanted.serial + 1, replace(self._wanted.filter, **changes), at_s=at
        )
        self._show_state()
        self.read_again()

    def on_record_list_more_wanted(self, message: RecordList.MoreWanted) -> None:
        """Read on, if there is more at that end and it was not asked for yet."""
        window, wanted = self._window, self._wanted
        if window is None or window.serial != wanted.serial:
            return
        if message.older and not window.at_start and window is not self._older_asked_of:
            self._older_asked_of = window
            self._wanted = replace(wanted, older=wanted.older + 1)
            self.read_again()
        if not message.older and not window.at_end and window is not self._newer_asked_of:
            self._newer_asked_of = window
            self._wanted = replace(wanted, newer=wanted.newer + 1)
            self.read_again()

    def on_record_list_opened(self, message: RecordList.Opened) -> None:
        """Show the record whole."""
        if self._window is not None and message.index < len(self._window.items):
            self.open_item(self._window.items[message.index])

    def action_newest(self) -> None:
        """Go to the newest record and follow; in the past the key returns to now."""
        if self._snapshot is not None and self._snapshot.at_s is not None:
            raise SkipAction
        if self._window is not None and self._window.at_end:
            records = self.query_one(RecordList)
            records.move_to(len(records.rows) - 1)
            self._show_state()
            return
        self._follows = True
        self._wanted = replace(
            self._wanted, serial=self._wanted.serial + 1, at_s=None, older=0, newer=0
        )
        self.read_again()

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        records = self.query_one(RecordList)
        records.set_wrap(not records.wrap)

    def action_search(self) -> None:
        """Open the field for a search."""
        field = self.query_one(Input)
        field.display = True
        field.focus()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Filter by the text."""
        message.stop()
        self._close_search()
        self.search(message.value.strip())

    async def action_leave(self) -> None:
        """Close the field for a search, or go back to the dashboard."""
        if self.query_one(Input).display:
            self._close_search()
        else:
            await self.app.run_action("close_page")

    def _rows(self, items: tuple[Item, ...]) -> Sequence[Row]:
        """The rows of records; those that were shown before are not made again."""
        known, rows = self._shown_rows
        if known and items[: len(known)] == known:
            rows = rows + [self.row(item) for item in items[len(known) :]]
        else:
            rows = [self.row(item) for item in items]
        self._shown_rows = (items, rows)
        return rows

    def _index_at(self, time_s: float) -> int:
        """The first record at a time or later."""
        items = self._window.items if self._window else ()
        return next(
            (at for at, item in enumerate(items) if self.time_s(item) >= time_s), len(items) - 1
        )

    def _time_of_cursor(self) -> float | None:
        """The time of the chosen record; None: it is the newest."""
        try:
            records = self.query_one(RecordList)
        except NoMatches:
            return self._wanted.at_s
        window = self._window
        if window is None or not window.items:
            return self._wanted.at_s
        if window.at_end and records.at_last:
            return None
        return self.time_s(window.items[min(records.cursor, len(window.items) - 1)])

    def _close_search(self) -> None:
        self.query_one(Input).display = False
        self.query_one(RecordList).focus()

    def _show_state(self) -> None:
        records, window = self.query_one(RecordList), self._window
        if window is None or window.serial != self._wanted.serial:
            doing = "reading …"
        elif window.searching:
            doing = "searching older ones …"
        elif not window.items:
            doing = "none"
        elif self._snapshot is not None and self._snapshot.at_s is not None:
            doing = "as of then"
        elif window.at_end and records.at_last:
            doing = "following"
        else:
            doing = "End follows"
        text = f"{self.TITLE_TEXT} · {doing} · {self.filter_text()}"
        state = self.query_one(".records-state", Static)
        if text != self._state_text:
            self._state_text = text
            state.update(Content(text))
