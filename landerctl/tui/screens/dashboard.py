"""The dashboard: all panels of the run at one look; the screen that the others lie above."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from textual.app import ComposeResult
from textual.containers import Container

from daemon.backup.restoring.restorable import Restorable
from daemon.base.paths import StatePaths
from landerctl.tui.data.snapshot import Snapshot, View
from landerctl.tui.display.painting import ThriftyScreen
from landerctl.tui.landings.reader import LandingsReader
from landerctl.tui.landings.records import Landings
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.widgets.footer import KeysFooter
from landerctl.tui.widgets.panels.alerts import AlertsPanel
from landerctl.tui.widgets.panels.checklist import ChecklistPanel
from landerctl.tui.widgets.panels.checkpoints import CheckpointsPanel
from landerctl.tui.widgets.panels.curriculum import CurriculumPanel
from landerctl.tui.widgets.panels.events import EventsPanel, OperatorNote
from landerctl.tui.widgets.panels.header import Banner, Header
from landerctl.tui.widgets.panels.landings import landings_panels, show_landings
from landerctl.tui.widgets.panels.machine import MachinePanel
from landerctl.tui.widgets.panels.rollback import RollbackPanel
from landerctl.tui.widgets.panels.startup import StartupPanel
from landerctl.tui.widgets.panels.sweep import SweepLine
from landerctl.tui.widgets.plot import PlotPanel
from landerctl.tui.widgets.tabstrip import PANELS, TabStrip

LANDINGS_WIDTH, LANDINGS_HEIGHT = 168, 50  # cells from which on evaluations have room


class Dashboard(ThriftyScreen[None]):
    """Header, banner, one grid of panels, footer; the style sheet arranges them by size."""

    AUTO_FOCUS = ""

    def __init__(self, paths: StatePaths) -> None:
        super().__init__(id="dashboard")
        self._landings = LandingsReader(paths)
        self._has_room = False  # for the panels of landings
        self._views: tuple[View, ...] = ()
        self._composed = False
        self._restored: Mapping[str, PlotChoice] = {}
        self._early: Snapshot | None = None  # came before the panels were there
        self.shown = asyncio.Event()  # once there was a snapshot

    def compose(self) -> ComposeResult:
        """The panels in the order in which the focus moves."""
        header, banner = Header(id="header"), Banner(id="banner")
        sweep = SweepLine(id="sweep-line")
        startup = StartupPanel(id="startup", title="Starting")
        rollback = RollbackPanel(id="rollback", title="Rollback")
        curriculum = CurriculumPanel(id="curriculum", title="Curriculum")
        machine = MachinePanel(id="machine", title="Speed and machine")
        alerts = AlertsPanel(id="alerts")
        checklist = ChecklistPanel(id="checklist", title="Checklist")
        chart, beside = PlotPanel(id="chart", metric=0), PlotPanel(id="chart-beside", metric=1)
        checkpoints, events = CheckpointsPanel(id="checkpoints"), EventsPanel(id="events")
        touchdowns, descents = landings_panels()
        # As they will be at once, so that they are not laid out twice.
        for hidden in (checkpoints, events):
            hidden.add_class("-behind")
        self._note_size()
        self._views = (
            header, banner, sweep, rollback, startup, curriculum, machine, alerts, checklist, chart,
            beside, checkpoints, events
        )  # fmt: skip
        yield header
        yield banner
        yield sweep
        yield rollback
        yield startup
        with Container(id="body"):
            yield curriculum
            yield machine
            yield alerts
            yield checklist
            yield TabStrip(id="tabs")
            yield chart
            yield beside
            yield touchdowns
            yield checkpoints
            yield events
            yield descents
        yield KeysFooter(palette=True)

    def _note_size(self) -> None:
        """Set the classes of this size before Textual does: it would lay out all panels again."""
        size = self.app.size
        for length, breakpoints in (
            (size.width, self.app.HORIZONTAL_BREAKPOINTS),
            (size.height, self.app.VERTICAL_BREAKPOINTS),
        ):
            self.add_class(max(one for one in breakpoints or () if one[0] <= length)[1])

    def on_mount(self) -> None:
        """Begin with the plot."""
        self._composed = True
        for plot in self.plots:
            if (choice := self._restored.get(str(plot.id))) is not None:
                plot.restore(choice)
        self.post_message(PlotPanel.Changed(remember=False))
        self.show_panel("chart", focus=False)
        if self._early is not None:
            self.show(self._early)

    def show(self, snapshot: Snapshot) -> None:
        """Pass the snapshot to every panel; panels redraw only what changed."""
        if not self._composed:
            self._early = snapshot
            return
        body = self.query_one("#body")
        body.set_class(not snapshot.situation.live and snapshot.at_s is None, "-dimmed")
        body.set_class(snapshot.startup is not None, "-starting")
        for view in self._views:
            view.show(snapshot)
        self._note_on_strip()
        self.shown.set()

    @property
    def read(self) -> Callable[[Snapshot], Landings | None]:
        """The newest evaluation, read while there is room to show it."""
        return self._read

    def _read(self, snapshot: Snapshot) -> Landings | None:
        return self._landings.read(snapshot) if self._has_room else None

    def show_data(self, landings: Landings | None) -> None:
        """Show the newest evaluation."""
        if not self._composed:
            return  # it is read again with the next snapshot
        self.query_one("#body").set_class(landings is not None, "-landings")
        if landings is not None:
            show_landings(self, landings)

    def show_fault(self, text: str) -> None:
        """Show no evaluation: the landings page says why it cannot be read."""
        self.show_data(None)

    def on_resize(self) -> None:
        """See whether there is room for the panels of landings."""
        width, height = self.size
        self._has_room = width >= LANDINGS_WIDTH and height >= LANDINGS_HEIGHT
        if not self._has_room:
            self.show_data(None)

    @property
    def selected(self) -> Restorable | None:
        """The checkpoint or backup under the table's cursor."""
        return self.query_one(CheckpointsPanel).selected

    def select(self, id_: str) -> None:
        """Select a checkpoint or backup by its id, if it is listed."""
        self.query_one(CheckpointsPanel).select(id_)

    @property
    def copyable(self) -> str | None:
        """The id of the selected checkpoint, where the table can be seen."""
        target = self.selected if self.lists_checkpoints else None
        return None if target is None else target.id

    @property
    def lists_checkpoints(self) -> bool:
        """Whether the table of checkpoints can be seen."""
        return bool(self.query_one(CheckpointsPanel).display)

    def add_note(self, note: OperatorNote) -> None:
        """Add the result of a request to the events."""
        self.query_one(EventsPanel).add_note(note)

    @property
    def plots(self) -> tuple[PlotPanel, ...]:
        """The plots, whether or not they can be seen."""
        return tuple(self.query(PlotPanel))

    @property
    def plot(self) -> PlotPanel:
        """The plot that has the focus, else the first one."""
        return self.focused if isinstance(self.focused, PlotPanel) else self.plots[0]

    def restore_plots(self, choices: Mapping[str, PlotChoice]) -> None:
        """Plot what was remembered by the panels' names."""
        self._restored = choices

    def next_plot(self) -> None:
        """Plot the next series; on a small screen switch to the plot."""
        self.show_panel("chart", focus=False)
        for plot in self.query(PlotPanel):
            plot.next_metric()
        self._note_on_strip()

    def show_panel(self, name: str, focus: bool = True) -> None:
        """Show a panel where panels share one place, and focus it."""
        self.query_one(TabStrip).active = name
        for panel in PANELS:
            self.query_one(f"#{panel}").set_class(panel != name, "-behind")
        if focus:
            chosen = self.query_one(f"#{name}")
            chosen.focus()
            self.call_after_refresh(chosen.scroll_visible, animate=False)
        self._note_on_strip()

    def _note_on_strip(self) -> None:
        """Show the panel's title in the tab strip, for layouts in which panels have no border."""
        strip = self.query_one(TabStrip)
        if not strip.display:
            return
        panel = self.query_one(f"#{strip.active}")
        strip.notes = (
            panel.titles if isinstance(panel, PlotPanel) else (panel.border_subtitle or "",)
        )
