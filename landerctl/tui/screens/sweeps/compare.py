"""The page that compares trials of a sweep: curves on one plot, what differs, what was reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from daemon.base.paths import StatePaths
from landerctl.operations.compare.metrics import metric_of
from landerctl.tui.actions import COMPARE_TRIALS_ACTIONS
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.runs.compared import table_lines
from landerctl.tui.screens.page import Page
from landerctl.tui.screens.sweeps.plot import SweepPlot
from landerctl.tui.sweeps.compared import compared_tables
from landerctl.tui.sweeps.plotted import recorded, series_of
from landerctl.tui.sweeps.reader import SweepReader
from landerctl.tui.sweeps.records import FoundSweeps

_ARRANGED = ("", "-plot", "-text")  # both; only the plot; only the text


class CompareTrialsPage(Page[FoundSweeps]):
    """Arranged as the comparison of runs."""

    AUTO_FOCUS = "#compare-text"
    BINDINGS = [action.binding for action in COMPARE_TRIALS_ACTIONS]  # noqa: RUF012  Textual's way

    def __init__(self, paths: StatePaths, sweep: str, numbers: Sequence[int]) -> None:
        super().__init__("compare-trials")
        self._reader = SweepReader(paths)
        self._reader.chosen = sweep
        self._reader.plotted = self._numbers = tuple(numbers)
        self._found: FoundSweeps | None = None
        self._choice: PlotChoice | None = None  # None: nothing was read yet
        self._arranged = 0

    @property
    def read(self) -> Callable[[Snapshot], FoundSweeps]:
        """Reads the sweep if it changed."""
        return self._reader.read

    def content(self) -> ComposeResult:
        """What is plotted; the plot; the tables."""
        yield Static("Compare · reading …", id="compare-state")
        with Container(id="compare-body"):
            yield SweepPlot(id="compare-plot")
            with VerticalScroll(id="compare-text"):
                yield Static(id="compare-lines")

    def show_data(self, data: FoundSweeps) -> None:
        """Show what was read."""
        if data is self._found or data.sweep is None:
            return
        self._found = data
        if self._choice is None:
            self._choice = PlotChoice((series_of(data.sweep.spec.objectives[0]),))
        self._show_plot()
        self._show_lines()

    def show_fault(self, text: str) -> None:
        """Say above the plot why it could not be read; what was shown stays."""
        self.query_one("#compare-state", Static).update(Content(f"✖ {text}"))

    def on_resize(self) -> None:
        """Wrap the text for the new width."""
        self.call_after_refresh(self._show_lines)

    def action_next_metric(self) -> None:
        """Plot the next series that any of the trials has."""
        names = recorded(self._found.curves) if self._found is not None else []
        if names and self._choice is not None:
            series = self._choice.series[0]
            at = names.index(series) if series in names else -1
            self._choose(self._choice.of(names[(at + 1) % len(names)]))

    def action_smoother(self, by: int) -> None:
        """Smooth more or less."""
        if self._choice is not None:
            self._choose(self._choice.smoother(by))

    def action_log_scale(self) -> None:
        """Make the value axis logarithmic, or linear."""
        if self._choice is not None:
            self._choose(msgspec.structs.replace(self._choice, log=not self._choice.log))

    def action_larger(self) -> None:
        """Show only the plot, only the text, or both."""
        self._arranged = (self._arranged + 1) % len(_ARRANGED)
        for number, name in enumerate(_ARRANGED):
            if name:
                self.set_class(number == self._arranged, name)
        self.call_after_refresh(self._show_lines)

    def _choose(self, choice: PlotChoice) -> None:
        self._choice = choice
        self._show_plot()

    def _show_plot(self) -> None:
        found, choice = self._found, self._choice
        if found is None or found.sweep is None or choice is None:
            return
        metric = metric_of(choice.series[0])
        unit = f" ({metric.unit})" if metric.unit else ""
        text = f"{found.sweep.status.name} · {metric.title}{unit} over steps"
        self.query_one("#compare-state", Static).update(Content(text))
        self.query_one(SweepPlot).show_curves(found.sweep, found.curves, choice)

    def _show_lines(self) -> None:
        pane = self.query_one("#compare-text", VerticalScroll)
        width = pane.scrollable_content_region.width
        if self._found is None or self._found.sweep is None or width < 1:
            return
        lines: list[Content] = []
        for table in compared_tables(self._found.sweep, self._numbers):
            lines += [Content()] if lines else []
            lines += [Content.styled(table.title, "bold $secondary"), *table_lines(table, width)]
        self.query_one("#compare-lines", Static).update(Content("\n").join(lines))
