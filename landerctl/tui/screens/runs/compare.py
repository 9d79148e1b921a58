"""The page that compares runs: curves on one plot, what differs, whether it is a difference."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from daemon.base.paths import StatePaths
from daemon.base.text.one_line import one_line
from daemon.runs.curves import SERIES, SUCCESS
from landerctl.operations.compare.comparison import Comparison
from landerctl.operations.compare.lines import Over
from landerctl.operations.compare.metrics import metric_of
from landerctl.tui.actions import COMPARE_ACTIONS
from landerctl.tui.data.compared import CompareReader
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.plotting.canvas import Row
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.plotting.compared import compared_plot
from landerctl.tui.plotting.drawing import draw
from landerctl.tui.runs.compared import compared_lines
from landerctl.tui.screens.page import Page
from landerctl.tui.screens.records.choice import ChoiceScreen
from landerctl.tui.widgets.cells import CellsWidget

_ARRANGED = ("", "-plot", "-text")  # both; only the plot; only the text


class ComparePlot(CellsWidget):
    """The curves of all runs."""

    def __init__(self) -> None:
        super().__init__(id="compare-plot")
        self._of: tuple[Comparison, Over, PlotChoice] | None = None

    def show_comparison(self, comparison: Comparison, over: Over, choice: PlotChoice) -> None:
        """Draw the series of `choice`."""
        self._of = comparison, over, choice
        self.on_resize()

    def on_resize(self) -> None:
        """Draw for the size."""
        width, height = self.size
        if self._of is None or not self.size.area:
            return
        comparison, over, choice = self._of
        data = compared_plot(comparison, metric_of(choice.series[0]), over, choice)
        rows: tuple[Row, ...] = (((" No run has recorded it", "tick"),),)
        self.show_cells(rows if data is None else draw(data, width, height)[0])


class ComparePage(Page[Comparison]):
    """The first run is the one that the others are compared with."""

    AUTO_FOCUS = "#compare-text"
    BINDINGS = [action.binding for action in COMPARE_ACTIONS]  # noqa: RUF012  Textual's way

    def __init__(self, paths: StatePaths, run_ids: Sequence[str]) -> None:
        super().__init__("compare")
        self._reader = CompareReader(paths, run_ids, time.monotonic)
        self._comparison: Comparison | None = None
        self._choice = PlotChoice((SUCCESS,))
        self._over: Over = "steps"
        self._arranged = 0

    @property
    def read(self) -> Callable[[Snapshot], Comparison]:
        """Compares the runs again when something changed."""
        return self._reader.read

    def content(self) -> ComposeResult:
        """What is plotted; the plot; verdict and tables."""
        yield Static("Compare · reading …", id="compare-state")
        with Container(id="compare-body"):
            yield ComparePlot()
            with VerticalScroll(id="compare-text"):
                yield Static(id="compare-lines")

    def show_data(self, data: Comparison) -> None:
        """Show a new comparison."""
        if data is not self._comparison:
            self._comparison = data
            self._show_plot()
            self._show_lines()

    def show_fault(self, text: str) -> None:
        """Say above the plot why it could not be read; what was shown stays."""
        self.query_one("#compare-state", Static).update(Content(one_line(f"✖ {text}")))

    def on_resize(self) -> None:
        """Wrap the text for the new width."""
        self.call_after_refresh(self._show_lines)

    def action_metric(self) -> None:
        """Choose the series of the plot."""

        def show(series: str | None) -> None:
            if series is not None:
                self._choose(self._choice.of(series))

        choices = [(series, self._title(series)) for series in self._recorded]
        self.app.push_screen(ChoiceScreen("Series of the plot", choices, self._series), show)

    def action_next_metric(self) -> None:
        """Plot the next series that any of the runs has."""
        recorded = self._recorded
        self._choose(self._choice.of(recorded[(recorded.index(self._series) + 1) % len(recorded)]))

    def action_hours(self) -> None:
        """Plot over hours trained, or over steps."""
        self._over = "steps" if self._over == "hours" else "hours"
        self._show_plot()

    def action_smoother(self, by: int) -> None:
        """Smooth more or less."""
        self._choose(self._choice.smoother(by))

    def action_log_scale(self) -> None:
        """Make the value axis logarithmic, or linear."""
        self._choose(replace(self._choice, log=not self._choice.log))

    def action_larger(self) -> None:
        """Show only the plot, only the text, or both."""
        self._arranged = (self._arranged + 1) % len(_ARRANGED)
        for number, name in enumerate(_ARRANGED):
            if name:
                self.set_class(number == self._arranged, name)
        self.call_after_refresh(self._show_lines)

    @property
    def _series(self) -> str:
        return self._choice.series[0]

    @property
    def _recorded(self) -> list[str]:
        """The series that any run has, and the plotted one."""
        lines = () if self._comparison is None else self._comparison.lines
        names = {
            name
            for run in lines
            for row in (*run.own.rows, *run.inherited.rows)
            for name in row.values
        }
        return [name for name in SERIES if name in names or name == self._series]

    @staticmethod
    def _title(series: str) -> str:
        title = metric_of(series).title
        return "" if title == series else title

    def _choose(self, choice: PlotChoice) -> None:
        self._choice = choice
        self._show_plot()

    def _show_plot(self) -> None:
        if self._comparison is None:
            return
        metric = metric_of(self._series)
        unit = f" ({metric.unit})" if metric.unit else ""
        over = "steps" if self._over == "steps" else "hours trained"
        text = f"Compare · {metric.title}{unit} over {over}"
        self.query_one("#compare-state", Static).update(Content(text))
        self.query_one(ComparePlot).show_comparison(self._comparison, self._over, self._choice)

    def _show_lines(self) -> None:
        pane = self.query_one("#compare-text", VerticalScroll)
        width = pane.scrollable_content_region.width
        if self._comparison is not None and width > 0:
            lines = compared_lines(self._comparison, width)
            self.query_one("#compare-lines", Static).update(Content("\n").join(lines))
