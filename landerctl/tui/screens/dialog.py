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
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.questions import Choice, Question
from landerctl.tui.widgets.footer import KeysFooter


class _DialogButton(Button):
    """A button whose key is in the footer."""

    BINDINGS = [Binding("enter", "press", "Press", key_display="enter")]  # noqa: RUF012  Textual's way


class _ChoiceButton(_DialogButton):
    """The button of one choice."""

    def __init__(self, index: int, label: str) -> None:
        super().__init__(label, variant="warning", compact=True)
        self.index = index


class Dialog(ModalScreen[None]):
    """Shows one `Question`. The focus starts on its input line, else on Cancel."""

    BINDINGS = [  # noqa: RUF012  Textual's way
        Binding("tab", "move(1)", "Next"),
        Binding("shift+tab", "move(-1)", show=False),
        Binding("left", "move(-1)", show=False),
        Binding("right", "move(1)", show=False),
        Binding("escape", "close", "Close", key_display="esc"),
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
        self._ended = False  # the daemon, before a choice was made

    def compose(self) -> ComposeResult:
        """Title, text, note, buttons; the progress replaces the text once the request is sent."""
        with Vertical(id="dialog"):
            with VerticalScroll(id="dialog-text", can_focus=False):
                yield Static(Content("\n").join(self.question.lines), id="dialog-lines")
            if self.question.asks_note:
                yield Input(placeholder=self.question.note_hint, compact=True, id="note")
            with Horizontal(id="dialog-buttons"):
                yield _DialogButton("Cancel", id="cancel", compact=True)
                for index, choice in enumerate(self.question.choices):
                    yield _ChoiceButton(index, choice.label)
        yield KeysFooter()

    def on_mount(self) -> None:
        """Focus where words are expected, else where Enter is harmless."""
        self.query_one("#dialog").border_title = self.question.title
        self.query_one("#note" if self.question.asks_note else "#cancel").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Moving needs somewhere to move to."""
        return action != "move" or len(self.focus_chain) > 1

    def action_move(self, by: int) -> None:
        """Focus the next or the previous button or input line."""
        if by > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def show(self, snapshot: Snapshot) -> None:
        """If the daemon has ended before a choice was sent, say so, and offer Close alone."""
        situation = snapshot.situation
        if self.daemon_request is not None or self._ended or situation.answers:
            return
        if not self.question.needs_daemon:
            return
        self._ended = True
        self.query(Input).set(display=False)
        self._offer_close()
        advice = f"; {situation.advice}" if situation.advice else ""
        self._add_step(
            Content.assemble(
                ("✖ ", "bold $text-error"), f"{situation.banner}{advice}. Nothing was sent."
            )
        )

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Cancel, or send."""
        if isinstance(event.button, _ChoiceButton):
            self._send(self.question.choices[event.button.index])
        else:
            self.action_close()

    def on_input_submitted(self) -> None:
        """Enter in the note: send if there is one choice, else focus the first choice."""
        if self.question.careful:
            self.query_one("#cancel").focus()
        elif len(self.question.choices) == 1:
            self._send(self.question.choices[0])
        else:
            self.query(_ChoiceButton).first().focus()

    def _send(self, choice: Choice) -> None:
        request = choice.request
        for note in self.query(Input):
            if self.question.note_needed and not note.value.strip():
                self.notify(f"Type it first: {self.question.note_hint}", severity="warning")
                note.focus()
                return
            request = msgspec.structs.replace(request, note=note.value.strip())
            note.display = False
        self._offer_close()
        self._add_step(Content.styled(f"{choice.title} …", "bold"))
        self.daemon_request = DaemonRequest(request, choice.title)
        self.post_message(self.Confirmed(self.daemon_request))

    def _offer_close(self) -> None:
        self.query(_ChoiceButton).set(display=False)
        self.query_one("#cancel", Button).label = "Close"
        self.query_one("#cancel").focus()
        self.refresh_bindings()

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
