"""An event with everything that was recorded of it, and links to what it is about."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from checks.wording import duration, percent, size
from daemon.store.catalogs.event_catalog import CATALOGUE, is_routine
from daemon.store.records import Event
from landerctl.tui.format import day_and_clock
from landerctl.tui.widgets.footer import KeysFooter

_LABEL_CELLS = 16
_WORDS: dict[object, str] = {None: "none", True: "yes", False: "no"}
_UNITS = {"_s": "s", "_m": "m", "_h": "h"}
# Fields whose value is the id of a checkpoint or backup, by the beginning of the event's name.
_STATES = ("checkpoint.", "backup.", "rollback.")
_STATE_ID = re.compile(r"\d{6,}-\d+-[a-z]+")
_INCIDENTS = ("rollback.", "trainer.", "alert.", "training.", "checkpoint.damaged")


@dataclass(frozen=True)
class Link:
    """What an event is about. `target`: a checkpoint's id, an alert's name; else empty."""

    kind: Literal["checkpoint", "alert", "incidents", "logs"]
    target: str
    text: str


class EventScreen(ModalScreen[Link]):
    """Its fields, then its links; the result is the chosen one."""

    BINDINGS = [  # noqa: RUF012  Textual's way
        Binding("escape,q", "dismiss", "Close", key_display="esc"),
    ]
    AUTO_FOCUS = "OptionList"

    def __init__(self, event: Event, pages: Collection[str]) -> None:
        super().__init__()
        self._event = event
        self._links = links(event, pages)

    def compose(self) -> ComposeResult:
        """Facts that scroll; below them the links."""
        with Vertical(id="event-box") as box:
            box.border_title = Content(self._event.name)
            with VerticalScroll(id="event-facts", can_focus=False):
                yield Static(Content("\n").join(event_facts(self._event)))
            yield OptionList(
                *(Option(Content(f"→ {link.text}")) for link in self._links),
                id="event-links",
                compact=True,
            )
        yield KeysFooter()

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Follow the link."""
        self.dismiss(self._links[message.option_index])


def links(event: Event, pages: Collection[str]) -> list[Link]:
    """What the event is about, of what the screen can show: `pages` are the pages by name."""
    found: list[Link] = []
    state = event.body.get("checkpoint") or (
        event.body.get("id") if event.name.startswith(_STATES) else None
    )
    if isinstance(state, str) and _STATE_ID.fullmatch(state):
        found.append(Link("checkpoint", state, f"Checkpoint {state}"))
    named = event.body.get("alert") or event.body.get("alerts")
    names = named.split(", ") if isinstance(named, str) else []
    found += [Link("alert", name, f"Alert {name}") for name in names]
    if "incidents" in pages and event.name.startswith(_INCIDENTS):
        found.append(Link("incidents", "", "Incidents"))
    found.append(Link("logs", "", f"Logs at {day_and_clock(event.time_s)}"))
    return found


def event_facts(event: Event) -> list[Content]:
    """Everything recorded, a line each: the fields of the body with their units."""
    kind = CATALOGUE.get(event.name)
    at = datetime.fromtimestamp(event.time_s).astimezone()
    facts = [
        ("time", at.isoformat(sep=" ", timespec="milliseconds")),
        ("severity", event.severity + (", routine" if is_routine(event) else "")),
        ("run", event.run_id or "none"),
        ("number", str(event.id)),
    ]
    recorded = [(name, _value(name, value)) for name, value in event.body.items()]
    absent = [name for name in (kind.fields if kind else ()) if name not in event.body]
    return [
        Content.styled(event.text, "bold"),
        *([Content.styled(f"{kind.meaning}.", "$foreground-muted")] if kind else []),
        Content(),
        *(_fact(label, text) for label, text in facts),
        *([Content(), *(_fact(name, text) for name, text in recorded)] if recorded else []),
        *(_fact(name, "not recorded") for name in absent),
    ]


def _fact(label: str, text: str) -> Content:
    return Content.assemble((f"{label:<{_LABEL_CELLS}} ", "$foreground-muted"), text)


def _value(name: str, value: bool | int | float | str | None) -> str:
    """A field's value with its unit, which its name ends in."""
    if value is None or isinstance(value, bool | str):
        return _WORDS.get(value) or str(value)
    if name in ("success_rate", "success_low", "recorded"):
        return f"{percent(value)} ({value})"
    if name == "bytes":
        return f"{size(value)} ({value:,} bytes)"
    if name in ("since_s", "until_s"):
        return datetime.fromtimestamp(value).astimezone().isoformat(sep=" ", timespec="seconds")
    unit = next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), "")
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
    longer = f" ({duration(value)})" if unit == "s" and value >= 60.0 else ""
    return f"{text} {unit}".rstrip() + longer
