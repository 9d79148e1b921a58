"""All keys and all symbols."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from landerctl.tui.actions import (
    ACTIONS,
    ALERT_ACTIONS,
    CHECKLIST_ACTIONS,
    COMPARE_ACTIONS,
    EVENT_ACTIONS,
    FLIGHT_ACTIONS,
    INCIDENT_ACTIONS,
    LANDING_ACTIONS,
    LOG_ACTIONS,
    METRIC_ACTIONS,
    PLOT_ACTIONS,
    RUN_ACTIONS,
    SWEEP_ACTIONS,
    Action,
)
from landerctl.tui.widgets.footer import KeysFooter

_SYMBOLS = (
    ("✓ ▶ ○", "stage passed, current, still to come"),
    ("┃ ╌╌", "the gate, on a bar and on a plot"),
    ("▲ ✖ ◌", "warning, critical, pending alert"),
    ("✓ ▲ ↶ ◇ ┴", "on a plot: stage passed, alert, rollback, checkpoint, rung of a sweep"),
    ("◆", "a pinned backup: never pruned"),
)
KEY_CELLS = 9


class HelpScreen(ModalScreen[None]):
    """The help, generated from the table of actions."""

    BINDINGS = [  # noqa: RUF012  Textual's way
        Binding("escape", "dismiss", "Close", key_display="esc"),
        Binding("question_mark,q", "dismiss", show=False),
    ]

    def compose(self) -> ComposeResult:
        """One line per action, then the symbols."""
        with VerticalScroll(id="help"):
            yield _Lines()
        yield KeysFooter()

    def on_mount(self) -> None:
        """Set the title."""
        self.query_one("#help").border_title = "Keys"


class _Lines(Static):
    def on_resize(self) -> None:
        """Wrap for the new width."""
        self.update(Content("\n").join(help_lines(self.size.width)))


def help_lines(width: int) -> list[Content]:
    """The help's lines; texts longer than `width` cells continue below themselves."""
    keys = [(_key(action), action.help) for action in ACTIONS]
    in_plot = [(_key(action), f"in the focused plot: {action.help}") for action in PLOT_ACTIONS]
    own = [
        _own("alerts", ALERT_ACTIONS),
        _own("logs", LOG_ACTIONS),
        _own("events", EVENT_ACTIONS),
        _own("landings", LANDING_ACTIONS),
        _own("flight", FLIGHT_ACTIONS),
        _own("checklist", CHECKLIST_ACTIONS),
        _own("incidents", INCIDENT_ACTIONS),
        _own("sweeps", SWEEP_ACTIONS),
        _own("runs", RUN_ACTIONS),
        _own("comparison of runs", COMPARE_ACTIONS),
        _own("list of metrics", [action for action in METRIC_ACTIONS if action.in_footer]),
    ]
    palette = ("ctrl+p", "Command palette: the same actions by name")
    explained = (*keys, *in_plot, *own, palette, ("", ""), *_SYMBOLS)
    return [line for key, text in explained for line in _wrapped(key, text, width)]


def _own(where: str, actions: Sequence[Action]) -> tuple[str, str]:
    """The keys of a screen, and what they do, but for those that need no explanation."""
    listed = [action for action in actions if action.key not in ("escape", "end")]
    return (
        " ".join(_key(action) for action in listed),
        f"in the {where}: {', '.join(action.label.lower() for action in listed)}",
    )


def _key(action: Action) -> str:
    return action.shown_key or action.key


def _wrapped(key: str, text: str, width: int) -> list[Content]:
    first, *others = textwrap.wrap(text, max(20, width - KEY_CELLS - 2)) or [""]
    return [
        Content.assemble((f"{key:>{KEY_CELLS}}  ", "bold $text-accent"), first),
        *(Content(" " * (KEY_CELLS + 2) + other) for other in others),
    ]
