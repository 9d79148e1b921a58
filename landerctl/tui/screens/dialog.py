"""Asks for confirmation, sends the request, and shows its progress notes."""

from __future__ import annotations

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from daemon.protocol.control import Answer, Done, Note
from landerctl.tui.daemon_request import DaemonRequest
from landerctl.tui.questions import Choice, Question


class _ChoiceButton(Button):
    """The button of one choice."""

    def __init__(self, index: int, label: str) -> None:
        super().__init__(label, variant="warning", compact=True)
        self.index = index


class Dialog(ModalScreen[None]):
    """Shows one `Question`. The focus starts on Cancel."""

    BINDINGS = [  # noqa: RUF012  Textual's way
        Binding("escape", "close", "Cancel"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    class Confirmed(Message):
        """The operator confirmed this request."""

        def __init__(self, daemon_request: DaemonRequest) -> None:
            super().__init__()
            self.daemon_request = daemon_request

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question
        self.daemon_request: DaemonRequest | None = None  # set once a choice is made
        self._steps: list[Content] = []

    def compose(self) -> ComposeResult:
        """Title, text, note, buttons; the progress replaces the text once the request is sent."""
        with Vertical(id="dialog"):
            with VerticalScroll(id="dialog-text", can_focus=False):
                yield Static(Content("\n").join(self.question.lines), id="dialog-lines")
            if self.question.asks_note:
                yield Input(placeholder="A note for your team (optional)", compact=True, id="note")
            with Horizontal(id="dialog-buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                for index, choice in enumerate(self.question.choices):
                    yield _ChoiceButton(index, choice.label)

    def on_mount(self) -> None:
        """Focus where Enter is harmless: on Cancel, or in the note of a single choice."""
        self.query_one("#dialog").border_title = self.question.title
        writes = self.question.asks_note and len(self.question.choices) == 1
        self.query_one("#note" if writes else "#cancel").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Cancel, or send."""
        if isinstance(event.button, _ChoiceButton):
            self._send(self.question.choices[event.button.index])
        else:
            self.action_close()

    def on_input_submitted(self) -> None:
        """Enter in the note: send if there is one choice, else focus the first choice."""
        if len(self.question.choices) == 1:
            self._send(self.question.choices[0])
        else:
            self.query(_ChoiceButton).first().focus()

    def _send(self, choice: Choice) -> None:
        request = choice.request
        for note in self.query(Input):
            request = msgspec.structs.replace(request, note=note.value.strip())
            note.display = False
        self.query(_ChoiceButton).set(display=False)
        self.query_one("#cancel", Button).label = "Close"
        self.query_one("#cancel").focus()
        self._add_step(Content.styled(f"{choice.title} …", "bold"))
        self.daemon_request = DaemonRequest(request, choice.title)
        self.post_message(self.Confirmed(self.daemon_request))

    def action_close(self) -> None:
        """Close the dialog; a request that was sent continues."""
        self.dismiss()

    def show_answer(self, answer: Answer) -> None:
        """Append a progress note or the final answer."""
        if isinstance(answer, Note):
            self._add_step(Content.assemble(("· ", "$foreground-muted"), answer.text))
        elif isinstance(answer, Done):
            self._add_step(Content.assemble(("✓ ", "bold $text-success"), (answer.text, "bold")))
        else:
            self._add_step(Content.assemble(("✖ ", "bold $text-error"), (answer.text, "bold")))

    def _add_step(self, step: Content) -> None:
        self._steps.append(step)
        self.query_one("#dialog-lines", Static).update(Content("\n").join(self._steps))
        self.query_one("#dialog-text").scroll_end(animate=False)
