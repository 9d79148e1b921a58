"""What is read and where it is shown: snapshots, pages, the past, plots."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from textual.screen import ModalScreen

from daemon.base.paths import StatePaths
from landerctl.tui.console.terminal import TerminalApp
from landerctl.tui.data.feed import Feed, FeedFailed, PageRead, TravelFailed
from landerctl.tui.data.past.travel import Step, ToMoment
from landerctl.tui.data.reader import SnapshotReader
from landerctl.tui.data.snapshot import Snapshot, SnapshotTaken
from landerctl.tui.display.signals import Signals
from landerctl.tui.pages import PAGES
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.plotting.choice_file import DamagedChoicesError, read_choices, write_choices
from landerctl.tui.screens.alerts import AlertsScreen
from landerctl.tui.screens.dashboard import Dashboard
from landerctl.tui.screens.dialog import Dialog
from landerctl.tui.screens.page import Page
from landerctl.tui.screens.time_dialog import TimeDialog
from landerctl.tui.widgets.plot import PlotPanel, wanted_by
from landerctl.tui.widgets.tabstrip import TabStrip

if TYPE_CHECKING:  # the past and the pages are imported when they are first shown
    from landerctl.tui.data.past.reader import PastReader
    from landerctl.tui.screens.metrics import MetricsPage


class ReadingApp(TerminalApp):
    """Reads a state folder, now or at an earlier time, and passes it to the screens in sight."""

    def __init__(
        self,
        paths: StatePaths,
        config_files: Sequence[Path],
        *,
        read_only: bool,
        charset: str,
        theme: str,
    ) -> None:
        super().__init__(charset=charset, theme=theme)
        self._paths = paths
        self._read_only = read_only
        reader = SnapshotReader(
            paths, config_files, now=time.time, monotonic=time.monotonic, read_only=read_only
        )
        self._feed = Feed(reader, partial(_open_past, paths, config_files), self.post_message)
        self._signals = Signals(in_tmux="TMUX" in os.environ)
        self.snapshot: Snapshot | None = None
        self._present: Snapshot | None = None  # the last one of now
        self._remember: Callable[[Path, Mapping[str, PlotChoice]], None] | None = (
            None if read_only else write_choices
        )
        self.dashboard = Dashboard(paths)

    @property
    def read_only(self) -> bool:
        """Whether nothing may be changed from here."""
        return self._read_only or (self.snapshot is not None and self.snapshot.read_only)

    def get_default_screen(self) -> Dashboard:
        """The dashboard lies below every other screen."""
        return self.dashboard

    def on_mount(self) -> None:
        """Restore the plots as they were chosen, then start reading."""
        try:
            self.dashboard.restore_plots(read_choices(self._paths.screen))
        except DamagedChoicesError as error:
            self.notify(str(error), severity="warning")
        self._feed.read_for(self.dashboard.read)
        self._feed.start()

    def on_unmount(self) -> None:
        """Stop the reader's thread."""
        self._feed.stop()
        self._write(self._signals.end())

    def on_snapshot_taken(self, message: SnapshotTaken) -> None:
        """Pass the snapshot to every panel; panels redraw only what changed."""
        if not self.is_running:
            return  # it arrived while the app was shutting down
        was_read_only = self.read_only
        self.snapshot = message.snapshot
        if self.snapshot.at_s is None:
            self._present = self.snapshot
            self._write(self._signals.show(self.snapshot))
        self._show_snapshot()
        if self.read_only != was_read_only:
            self.refresh_bindings()

    def _show_snapshot(self) -> None:
        """Show the last snapshot on every screen that can be seen: not below a page."""
        if self.snapshot is None:
            return
        with self.batch_update():
            for screen in reversed(self.screen_stack):
                if isinstance(screen, Dashboard) or (
                    isinstance(screen, Page | AlertsScreen | Dialog) and screen.is_mounted
                ):
                    screen.show(self.snapshot)
                if isinstance(screen, Page):
                    break

    def on_page_read(self, message: PageRead) -> None:
        """Pass what was read to the page in front, unless another one was opened meanwhile."""
        page = self._page or self.dashboard
        if not self.is_running or page.read != message.read or not page.is_mounted:
            return
        if message.fault is None:
            page.show_data(message.data)
        else:
            page.show_fault(message.fault)

    def on_page_read_wanted(self) -> None:
        """Read for the page now."""
        self._feed.read_now()

    def on_feed_failed(self, message: FeedFailed) -> None:
        """End the app: a screen that no longer updates would mislead."""
        raise message.fault

    @property
    def _page(self) -> Page[Any] | None:
        """The page in front, which may lie above another; None: the dashboard is in front."""
        return next((s for s in reversed(self.screen_stack) if isinstance(s, Page)), None)

    async def action_show_page(self, name: str) -> None:
        """Open a page in place of those that are open."""
        page = self._page
        if page is None or page.name != name:
            await self._close_pages()
            await self._open(PAGES[name](self._paths))

    async def _open(self, page: Page[Any]) -> None:
        await self.push_screen(page)
        self._show_snapshot()
        self._feed.read_for(page.read)

    async def action_close_page(self) -> None:
        """Go back to the page below, or to the dashboard."""
        if self._page is not None and not isinstance(self.screen, ModalScreen):
            await self.pop_screen()
            below = self._page
            self._feed.read_for(self.dashboard.read if below is None else below.read)
            self._show_snapshot()

    async def _close_pages(self) -> None:
        """Go back to the dashboard."""
        while self._page is not None and not isinstance(self.screen, ModalScreen):
            await self.action_close_page()

    async def action_show_panel(self, name: str) -> None:
        """Show a panel of the dashboard, and focus it."""
        await self._close_pages()
        self.dashboard.show_panel(name)

    async def on_tab_strip_chosen(self, message: TabStrip.Chosen) -> None:
        """Show the clicked panel."""
        await self.action_show_panel(message.name)

    def action_step_in_time(
        self, direction: Literal["back", "forward"], by_event: bool = False
    ) -> None:
        """Show an earlier or a later moment."""
        self._feed.travel(Step(direction, by_event))

    def action_go_to_time(self) -> None:
        """Ask for a time, and show the run as it was then."""

        def go(at_s: float | None) -> None:
            if at_s is not None:
                self._feed.travel(ToMoment(at_s))

        self.push_screen(TimeDialog(time.time), go)

    def action_return_to_now(self) -> None:
        """Leave the past."""
        self._feed.travel(ToMoment(None))

    def on_travel_failed(self, message: TravelFailed) -> None:
        """Say why there is nothing to show."""
        self._notify_alone(message.text, title="Time", severity="warning")

    async def action_next_plot(self) -> None:
        """Plot the next series."""
        await self._close_pages()
        self.dashboard.next_plot()

    async def on_metrics_page_chosen(self, message: MetricsPage.Chosen) -> None:
        """Plot the chosen series where the focus was."""
        plot = self.dashboard.plot
        plot.choose(message.choice)
        if message.close:
            await self.action_show_panel("chart")
            plot.focus()

    def on_plot_panel_changed(self, message: PlotPanel.Changed) -> None:
        """Read what the plots need from now on; remember what was chosen for them."""
        plots = self.dashboard.plots
        self._feed.want(wanted_by(plots))
        if message.remember and self._remember is not None:
            choices = {str(plot.id): plot.choice for plot in plots}
            self._feed.run(partial(self._write_choices, self._remember, choices))

    def _write_choices(
        self,
        write: Callable[[Path, Mapping[str, PlotChoice]], None],
        choices: Mapping[str, PlotChoice],
    ) -> None:
        """Write the file; runs in the feed's thread."""
        try:
            write(self._paths.screen, choices)
        except OSError as error:
            self._remember = None  # said once
            text = f"The plots' choice is not remembered: {self._paths.screen}: {error.strerror}"
            self.call_later(self.notify, text, severity="warning")


def _open_past(paths: StatePaths, config_files: Sequence[Path]) -> PastReader:
    from landerctl.tui.data.past.reader import PastReader  # noqa: PLC0415

    return PastReader(paths, config_files, now=time.time)
