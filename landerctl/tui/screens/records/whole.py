"""A record with all its lines, above its list."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from landerctl.tui.widgets.footer import KeysFooter


class WholeRecord(ModalScreen[None]):
    """Lines without control characters, wrapped, to scroll through."""

    BINDINGS = [  # noqa: RUF012  Textual's way
        Binding("escape", "dismiss", "Close", key_display="esc"),
        Binding("enter,q", "dismiss", show=False),
    ]
    AUTO_FOCUS = "#whole"

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        self._lines = lines

    def compose(self) -> ComposeResult:
        """The lines in a box with a title."""
        with VerticalScroll(id="whole") as box:
            box.border_title = Content(self._title)
            yield Static(Content("\n".join(self._lines)))
        yield KeysFooter()
