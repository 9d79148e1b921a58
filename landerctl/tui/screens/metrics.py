"""The chooser of metrics: every series of the store, found by a few letters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from daemon.base.paths import StatePaths
from daemon.store.reader import StoreMissingError, StoreReader
from daemon.store.records import Sample
from landerctl.tui.actions import METRIC_ACTIONS
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.format import shorten, spread
from landerctl.tui.plotting.choice import MAX_SERIES, PlotChoice
from landerctl.tui.plotting.metric import metric_of
from landerctl.tui.plotting.search import Entry, entry_of, rank
from landerctl.tui.screens.dashboard import Dashboard
from landerctl.tui.screens.page import Page
from landerctl.tui.widgets.lists.metric_list import MetricList


@dataclass(frozen=True)
class Listing:
    """The names of all series, and the newest samples of those that were asked for."""

    names: tuple[str, ...]
    newest: Mapping[str, Sample | None]


class _Search(Input):
    """A search line in which space is no letter: names of series have none."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether the key is text; else the page's binding for it is used."""
        return key != "space" and super().check_consume_key(key, character)


class MetricsPage(Page[Listing]):
    """A search line above the list; what is chosen goes to the plot that had the focus."""

    # Before the search line's own.
    BINDINGS = [replace(a.binding, priority=True) for a in METRIC_ACTIONS]  # noqa: RUF012

    class Chosen(Message):
        """The operator chose; `close`: and is done."""

        def __init__(self, choice: PlotChoice, *, close: bool) -> None:
            super().__init__()
            self.choice = choice
            self.close = close

    def __init__(self, paths: StatePaths) -> None:
        super().__init__("metrics")
        self._paths = paths
        self._choice = PlotChoice(("",))
        self._entries: tuple[Entry, ...] = ()
        self._newest: dict[str, Sample | None] = {}
        self._seen: tuple[str, ...] | None = None  # for the feed's thread; None: all
        self._now_s = 0.0
        self._found = 0

    @property
    def read(self) -> Callable[[Snapshot], Listing]:
        """Reads the names and, after the first time, only the values that can be seen."""
        return self._read

    def _read(self, snapshot: Snapshot) -> Listing:
        until_s = math.inf if snapshot.at_s is None else snapshot.at_s
        try:
            with StoreReader.open(self._paths.store) as store:
                names = tuple(store.sample_names())
                asked = names if self._seen is None else self._seen
                return Listing(
                    names, {n: store.last_sample(n, since_s=0.0, until_s=until_s) for n in asked}
                )
        except StoreMissingError:
            return Listing((), {})

    def content(self) -> ComposeResult:
        """The search line, what is chosen, the list."""
        search = _Search(placeholder="type a few letters of a metric's name", id="metric-search")
        search.cursor_blink = False  # a repaint each half second
        yield search
        yield Static(id="metric-choice")
        yield MetricList(id="metric-list")

    def on_mount(self) -> None:
        """Begin with what the plot shows."""
        for screen in self.app.screen_stack:
            if isinstance(screen, Dashboard):
                self._choice = screen.plot.choice
        self.query_one(Input).focus()
        self._note()

    def on_resize(self) -> None:
        """Fit the width."""
        self._note()

    def show(self, snapshot: Snapshot) -> None:
        """Show the ages at this time."""
        super().show(snapshot)
        self._now_s = snapshot.read_s
        self._show_values()

    def show_data(self, data: Listing) -> None:
        """Show what was read."""
        self._newest |= data.newest
        if data.names != tuple(entry.series for entry in self._entries):
            self._entries = tuple(map(entry_of, data.names))
            self._search(keep=True)
        self._show_values()

    def on_input_changed(self) -> None:
        """Search."""
        self._search(keep=False)
        self._show_values()

    def on_metric_list_picked(self, message: MetricList.Picked) -> None:
        """Do what the key for it does."""
        if message.alone:
            self.action_plot_alone()
        else:
            self.action_add_or_remove()

    def action_plot_alone(self) -> None:
        """Plot the selected series alone, and close."""
        if (entry := self._list.selected) is not None:
            self._choose(self._choice.of(entry.series), close=True)

    def action_add_or_remove(self) -> None:
        """Add the selected series to the plot or remove it."""
        if (entry := self._list.selected) is None:
            return
        choice = self._choice.toggled(entry.series)
        if choice == self._choice:
            only = entry.series in choice.series
            self.notify(
                "A plot needs a series: add another one first"
                if only
                else f"A plot takes {MAX_SERIES} series: remove one first",
                severity="warning",
            )
        else:
            self._choose(choice, close=False)

    def action_move(self, by: int) -> None:
        """Select another one."""
        self._list.move(by)
        self._show_values()

    def action_move_page(self, by: int) -> None:
        """Select one that is a page away."""
        self.action_move(by * max(1, self._list.size.height - 1))

    @property
    def _list(self) -> MetricList:
        return self.query_one(MetricList)

    def _choose(self, choice: PlotChoice, *, close: bool) -> None:
        self._choice = choice
        self.post_message(self.Chosen(choice, close=close))
        self._show_values()
        self._note()

    def _search(self, *, keep: bool) -> None:
        found = rank(self.query_one(Input).value, self._entries)
        self._list.show_entries(found, keep=keep)
        self._note(len(found))

    def _show_values(self) -> None:
        self._list.show_values(self._newest, self._choice, self._now_s)
        if self._entries:
            self._seen = self._list.seen

    def _note(self, found: int | None = None) -> None:
        """What is in the plot, and how many series there are."""
        if found is not None:
            self._found = found
        width = self.size.width - 4
        titles = ", ".join(metric_of(name).title for name in self._choice.series if name)
        count = f"{self._found} of {len(self._entries)} series"
        left = Content.styled(shorten(f"In the plot: {titles}", width - len(count) - 2), "bold")
        right = Content.styled(count, "$foreground-muted")
        self.query_one("#metric-choice", Static).update(spread(left, right, width))
