"""Base class of the full screens above the dashboard: logs, landings, checklist and others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.message import Message

from landerctl.tui.actions import CHANGING
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.display.painting import ThriftyScreen
from landerctl.tui.flight.order import FlightOrder
from landerctl.tui.questions import Question
from landerctl.tui.widgets.footer import KeysFooter
from landerctl.tui.widgets.panels.header import Banner, Header

Data = TypeVar("Data")


class FlightWanted(Message):
    """A flight is to be flown on a page of its own."""

    def __init__(self, order: FlightOrder) -> None:
        super().__init__()
        self.order = order


class Page(ThriftyScreen[None], Generic[Data]):
    """Header, banner, the page's own content, the keys; escape leads back to the dashboard.

    While it is in front, the feed's thread calls `read` after every snapshot, then `show_data` is
    called with what it returned. Nothing is read for a page that is not in front.
    """

    AUTO_FOCUS = ""

    class ReadWanted(Message):
        """What the page reads has changed: it does not wait for the next snapshot."""

    class QuestionAsked(Message):
        """The operator is to confirm something."""

        def __init__(self, question: Question) -> None:
            super().__init__()
            self.question = question

    def __init__(self, name: str) -> None:
        super().__init__(name=name, id=f"page-{name}", classes="page")
        self._read_only = False  # as of the last snapshot

    @property
    def read(self) -> Callable[[Snapshot], Data] | None:
        """A method that reads what the page shows, in another thread: it may not touch widgets.

        It raises StoreError or OSError where that cannot be read. None: snapshots are enough.
        """
        return None

    @property
    def copyable(self) -> str | None:
        """The id, path or command that the copy key takes; None: there is none."""
        return None

    def content(self) -> ComposeResult:
        """The widgets between banner and footer."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """The frame that all pages share, around the content."""
        yield Header(id="header")
        yield Banner(id="banner")
        yield from self.content()
        yield KeysFooter()

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot; called only while the page is mounted and in front."""
        self.query_one(Header).show(snapshot)
        self.query_one(Banner).show(snapshot)
        if snapshot.read_only != self._read_only:
            self._read_only = snapshot.read_only
            self.refresh_bindings()

    def read_again(self) -> None:
        """Have `read` called soon rather than at the next snapshot."""
        self.post_message(self.ReadWanted())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What a read-only screen refuses is not in its footer."""
        return not (self._read_only and action in CHANGING)

    def show_data(self, data: Data) -> None:
        """Show what `read` returned."""

    def show_fault(self, text: str) -> None:
        """Say why `read` failed; what was shown before stays."""
        self.notify(text, severity="error")
