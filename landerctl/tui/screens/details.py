"""Everything about one flight, above the landings page."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from landerctl.tui.actions import DETAIL_ACTIONS
from landerctl.tui.flight.order import FlightOrder
from landerctl.tui.screens.page import FlightWanted
from landerctl.tui.widgets.footer import KeysFooter


class DetailsScreen(ModalScreen[None]):
    """Shows lines; flies the flight they are about."""

    BINDINGS = [action.binding for action in DETAIL_ACTIONS]  # noqa: RUF012  Textual's way

    def __init__(self, title: str, lines: list[Content], order: FlightOrder) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._order = order

    def compose(self) -> ComposeResult:
        """The lines in a box."""
        with VerticalScroll(id="details"):
            yield Static(Content("\n").join(self._lines))
        yield KeysFooter()

    def on_mount(self) -> None:
        """Set the title."""
        self.query_one("#details").border_title = self._title

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()

    def action_fly(self) -> None:
        """Fly it."""
        self.dismiss()
        self.app.post_message(FlightWanted(self._order))
