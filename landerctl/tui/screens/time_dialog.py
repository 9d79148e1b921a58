"""Asks for a moment of the past."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from landerctl.presentation.moments import parse_moment
from landerctl.tui.widgets.footer import KeysFooter

_HINT = "03:12, yesterday 22:00, -2h, 2026-01-31T14:00"


class TimeDialog(ModalScreen[float | None]):
    """Returns the moment (Unix, s) that was typed; None if the dialog was closed."""

    BINDINGS = [Binding("escape", "dismiss(None)", "Close", key_display="esc")]  # noqa: RUF012

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self._now = now

    def compose(self) -> ComposeResult:
        """A line to type in, and what is wrong with it."""
        with Vertical(id="dialog"):
            yield Static("Show the run as it was at", id="dialog-lines")
            yield Input(placeholder=_HINT, compact=True, id="note")
        yield KeysFooter()

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one("#dialog").border_title = "Go to time"
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go there, or say why not."""
        try:
            moment_s = parse_moment(event.value, self._now())
        except ValueError as error:
            self.query_one("#dialog-lines", Static).update(str(error))
            return
        self.dismiss(moment_s)
