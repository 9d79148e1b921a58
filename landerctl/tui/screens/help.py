"""All keys and all symbols."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from landerctl.tui.actions import ACTIONS, ALERT_ACTIONS
from landerctl.tui.widgets.footer import KeysFooter

_SYMBOLS = (
    ("✓ ▶ ○", "stage passed, current, still to come"),
    ("┃ ╌╌", "the gate, on a bar and on a plot"),
    ("▲ ✖ ◌", "warning, critical, pending alert"),
    ("◆", "a pinned backup: never pruned"),
)
_PLOT_KEYS = (("+ - ← →", "zoom and pan the focused plot; 0 shows the whole run"),)


class HelpScreen(ModalScreen[None]):
    """The help, generated from the table of actions."""

    BINDINGS = [  # noqa: RUF012  Textual's way
        Binding("escape", "dismiss", "Close", key_display="esc"),
        Binding("question_mark,q", "dismiss", show=False),
    ]

    def compose(self) -> ComposeResult:
        """One line per action, then the symbols."""
        with VerticalScroll(id="help"):
            yield Static(Content("\n").join(help_lines()))
        yield KeysFooter()

    def on_mount(self) -> None:
        """Set the title."""
        self.query_one("#help").border_title = "Keys"


def help_lines() -> list[Content]:
    """The help's lines."""
    keys = [(action.shown_key or action.key, action.help) for action in ACTIONS]
    own = [action for action in ALERT_ACTIONS if action.name != "close"]
    in_alerts = (
        " ".join(action.key for action in own),
        f"in the alerts: {', '.join(action.label.lower() for action in own)}",
    )
    lines = [_line(key, text) for key, text in (*keys, in_alerts, *_PLOT_KEYS)]
    lines += [_line("ctrl+p", "Command palette: the same actions by name"), Content()]
    return lines + [_line(symbols, text) for symbols, text in _SYMBOLS]


def _line(key: str, text: str) -> Content:
    return Content.assemble((f"{key:>8}  ", "bold $text-accent"), text)
