"""Asks before a request is sent, then shows its steps as they arrive."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from daemon.protocol.control import Answer, Done, Note
from landerctl.tui.errand import Errand
from landerctl.tui.questions import Question


class Dialog(ModalScreen[None]):
    """One question, frozen when the key was pressed. The focus is on Cancel."""

    BINDINGS = [  # noqa: RUF012  Textual's way
        Binding("escape", "close", "Cancel"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    class Confirmed(Message):
        """The operator said yes to this errand."""

        def __init__(self, errand: Errand) -> None:
            super().__init__()
            self.errand = errand

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question
        self.errand = Errand(question.request, question.doing)
        self._steps: list[Content] = []

    def compose(self) -> ComposeResult:
        """Title, facts, two buttons; the steps take the facts' place once it is under way."""
        with Vertical(id="dialog"):
            with VerticalScroll(id="dialog-text", can_focus=False):
                yield Static(Content("\n").join(self.question.lines), id="dialog-lines")
            with Horizontal(id="dialog-buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button(self.question.confirm, id="confirm", variant="warning", compact=True)

    def on_mount(self) -> None:
        """Enter must not do harm."""
        self.query_one("#dialog").border_title = self.question.title
        self.query_one("#cancel").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Cancel, or send."""
        if event.button.id == "cancel":
            self.action_close()
            return
        self.query_one("#confirm").display = False
        self.query_one("#cancel", Button).label = "Close"
        self.query_one("#cancel").focus()
        self._add_step(Content.styled(f"{self.question.doing} …", "bold"))
        self.post_message(self.Confirmed(self.errand))

    def action_close(self) -> None:
        """Close; a request that was sent goes on."""
        self.dismiss()

    def show_answer(self, answer: Answer) -> None:
        """Append a step, or the end."""
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
