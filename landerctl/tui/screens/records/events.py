"""The page of events: all of the store, by kind, severity and text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import ClassVar

from textual.message import Message

from daemon.base.paths import StatePaths
from daemon.config.schema import Severity
from daemon.store.catalogs.event_catalog import CATALOGUE
from daemon.store.records import Event
from landerctl.tui.actions import EVENT_ACTIONS
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.data.windows.event_window import EventsWanted, EventWindow
from landerctl.tui.data.windows.window import Wanted, Window
from landerctl.tui.format import day_and_clock
from landerctl.tui.screens.records.choice import ChoiceScreen
from landerctl.tui.screens.records.event import EventScreen, Link
from landerctl.tui.screens.records.list_page import ListPage
from landerctl.tui.widgets.lists.record_list import Row

ALL = "all"
_SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
_MARKS: dict[Severity, tuple[str, str]] = {
    "info": (" ", ""),
    "warning": ("▲", "warning"),
    "critical": ("✖", "error"),
}
_NAME_CELLS = max(map(len, CATALOGUE)) - 4


class EventsPage(ListPage[Event]):
    """Begins at the newest event and follows. `pages`: those that links may lead to."""

    BINDINGS = [action.binding for action in EVENT_ACTIONS]  # noqa: RUF012  Textual's way
    TITLE_TEXT: ClassVar[str] = "Events"

    class LinkFollowed(Message):
        """The operator wants to see what an event is about."""

        def __init__(self, link: Link, event: Event) -> None:
            super().__init__()
            self.link = link
            self.event = event

    def __init__(self, paths: StatePaths, pages: Collection[str] = ()) -> None:
        super().__init__("events", Wanted(0, EventsWanted()))
        self._reader = EventWindow(paths)
        self._pages = pages
        self._kind = ALL

    @property
    def read(self) -> Callable[[Snapshot], Window[Event]]:
        """Reads the wanted part of the events."""
        return self._read

    def _read(self, snapshot: Snapshot) -> Window[Event]:
        return self._reader.read(self._wanted, snapshot.at_s)

    def row(self, item: Event) -> Row:
        """Time, severity, name, text."""
        mark, style = _MARKS[item.severity]
        return Row(
            item.id,
            f"{day_and_clock(item.time_s)} {mark} {item.name:<{_NAME_CELLS}} ",
            (item.text,),
            style,
        )

    def time_s(self, item: Event) -> float:
        """When it happened."""
        return item.time_s

    def filter_text(self) -> str:
        """Kind, severity, routine events, text."""
        wanted: EventsWanted = self._wanted.filter
        parts = [
            "all kinds" if self._kind == ALL else self._kind,
            *([f"{wanted.severity} and above"] if wanted.severity != "info" else []),
            "with routine ones" if wanted.routine else "without routine ones",
            *([f"with “{wanted.text}”"] if wanted.text else []),
        ]
        return " · ".join(parts)

    def search(self, text: str) -> None:
        """Filter by a text in an event's text, name or fields."""
        self.wants(text=text)

    def open_item(self, item: Event) -> None:
        """Show everything recorded, and follow the link that is chosen there."""

        def follow(link: Link | None) -> None:
            if link is not None:
                self.post_message(self.LinkFollowed(link, item))

        self.app.push_screen(EventScreen(item, self._pages), follow)

    def action_kind(self) -> None:
        """Choose which events to show by name, or by the beginning of the name."""

        def show(kind: str | None) -> None:
            if kind is not None:
                self._kind = kind
                self.wants(names=names_of(kind))

        self.app.push_screen(ChoiceScreen("Kind of event", kinds(), self._kind), show)

    def action_severity(self) -> None:
        """Show only more severe events."""
        severity: Severity = self._wanted.filter.severity
        at = (_SEVERITIES.index(severity) + 1) % len(_SEVERITIES)
        self.wants(severity=_SEVERITIES[at])

    def action_routine(self) -> None:
        """Show routine events too, or hide them."""
        self.wants(routine=not self._wanted.filter.routine)


def kinds() -> list[tuple[str, str]]:
    """What can be chosen, each with its meaning: all, the beginnings of names, the names."""
    beginnings = Counter(name.split(".")[0] for name in CATALOGUE)
    found = [(ALL, "every event")]
    for beginning, count in beginnings.items():
        if count > 1:
            found.append((f"{beginning}.*", f"{count} kinds"))
        names = [name for name in CATALOGUE if name.split(".")[0] == beginning]
        found += [(name, CATALOGUE[name].meaning) for name in names]
    return found


def names_of(kind: str) -> tuple[str, ...] | None:
    """The names that a choice stands for; None: all."""
    if kind == ALL:
        return None
    if kind.endswith(".*"):
        return tuple(name for name in CATALOGUE if name.startswith(kind[:-1]))
    return (kind,)
