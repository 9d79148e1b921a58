"""Chooses one of some words, each with its meaning."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from landerctl.tui.widgets.footer import KeysFooter


class ChoiceScreen(ModalScreen[str]):
    """The result is the chosen word; none after escape."""

    BINDINGS = [  # noqa: RUF012  Textual's way
        Binding("escape,q", "dismiss", "Close", key_display="esc"),
    ]
    AUTO_FOCUS = "OptionList"

    def __init__(self, title: str, choices: Sequence[tuple[str, str]], chosen: str) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """The words as a list."""
        cells = max(len(word) for word, _ in self._choices)
        with Vertical(id="choice") as box:
            box.border_title = Content(self._title)
            yield OptionList(
                *(
                    Option(Content.assemble(f"{word:<{cells}}  ", (meaning, "$foreground-muted")))
                    for word, meaning in self._choices
                ),
                compact=True,
            )
        yield KeysFooter()

    def on_mount(self) -> None:
        """Begin at what is chosen now."""
        words = [word for word, _ in self._choices]
        self.query_one(OptionList).highlighted = words.index(self._chosen)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """End with the word."""
        self.dismiss(self._choices[message.option_index][0])
