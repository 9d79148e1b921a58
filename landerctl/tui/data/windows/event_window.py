"""A window on the store's events. Used in the feed's thread only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from daemon.base.paths import StatePaths
from daemon.base.text.one_line import printable
from daemon.config.schema import Severity
from daemon.store.reader import StoreReader
from daemon.store.records import Event
from landerctl.tui.data.windows.window import CHUNK, MAX_RECORDS, Wanted, Window


@dataclass(frozen=True)
class EventsWanted:
    """Which events the page shows."""

    names: tuple[str, ...] | None = None
    severity: Severity = "info"  # and those more severe
    text: str = ""
    routine: bool = False


class EventWindow:
    """Reads the part of the events that a page shows, and follows their end."""

    def __init__(self, paths: StatePaths) -> None:
        self._paths = paths
        self._wanted: Wanted[EventsWanted] | None = None
        self._until_s: float | None = None
        self._events: list[Event] = []
        self._at_start = self._at_end = False
        self._last_id = 0

    def read(self, wanted: Wanted[EventsWanted], until_s: float | None) -> Window[Event]:
        """What is wanted now; nothing later than `until_s` (Unix, s). Raises StoreError."""
        last = self._wanted
        with StoreReader.open(self._paths.store) as store:
            find = _finder(store, wanted.filter, until_s)
            newest = store.events(limit=1)
            newest_id = newest[0].id if newest else 0
            if (
                last is None
                or wanted.serial != last.serial
                or until_s != self._until_s
                or newest_id < self._last_id  # the store was replaced
            ):
                self._events, self._until_s, self._last_id = [], until_s, newest_id
                self._open(store, find, wanted.at_s)
            elif wanted.older > last.older:
                self._load_older(find)
            elif wanted.newer > last.newer or (self._at_end and newest_id > self._last_id):
                self._load_newer(find)
            if self._at_end:
                self._last_id = newest_id
        self._wanted = wanted
        return Window(wanted.serial, tuple(self._events), self._at_start, self._at_end)

    def _open(self, store: StoreReader, find: _Find, at_s: float | None) -> None:
        self._at_end = at_s is None
        self._at_start = False
        if at_s is None:
            self._load_older(find)
            return
        # Ids are in the order of recording; an event's time may be a little before it.
        before = store.events(until_s=at_s, limit=1)
        self._last_id = before[0].id if before else 0
        self._load_older(find)
        self._load_newer(find)

    def _load_older(self, find: _Find) -> None:
        first = self._events[0].id if self._events else self._last_id + 1
        found = find(None, first)
        self._at_start = len(found) < CHUNK
        self._events = found + self._events
        if len(self._events) > MAX_RECORDS:
            del self._events[MAX_RECORDS:]
            self._last_id = self._events[-1].id
            self._at_end = False

    def _load_newer(self, find: _Find) -> None:
        found = find(self._last_id, None)
        self._at_end = len(found) < CHUNK
        if found:
            self._last_id = found[-1].id
            self._events += found
        # Seldom, for all rows are then laid out anew.
        if len(self._events) > MAX_RECORDS + CHUNK:
            del self._events[:-MAX_RECORDS]
            self._at_start = False


_Find = Callable[[int | None, int | None], list[Event]]


def _finder(store: StoreReader, wanted: EventsWanted, until_s: float | None) -> _Find:
    """Finds CHUNK events after the first id, or before the second."""

    def find(after_id: int | None, before_id: int | None) -> list[Event]:
        found = store.events(
            after_id=after_id,
            before_id=before_id,
            limit=CHUNK,
            names=wanted.names,
            min_severity=wanted.severity,
            until_s=until_s,
            text=wanted.text,
            routine=wanted.routine,
        )
        return [printable(event) for event in found]

    return find
