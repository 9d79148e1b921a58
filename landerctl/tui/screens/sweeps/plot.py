"""The plot of several trials' curves."""

from __future__ import annotations

from collections.abc import Mapping

from landerctl.operations.compare.lines import RunLines
from landerctl.operations.compare.metrics import metric_of
from landerctl.tui.plotting.canvas import Row
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.plotting.drawing import draw
from landerctl.tui.sweeps.plotted import sweep_plot
from landerctl.tui.sweeps.records import Sweep
from landerctl.tui.widgets.cells import CellsWidget
from landerctl.tui.widgets.lines import entitle


class SweepPlot(CellsWidget):
    """Redraws the rows that changed."""

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's name for it
        super().__init__(id=id)
        self._of: tuple[Sweep, Mapping[int, RunLines], PlotChoice] | None = None

    def show_curves(self, sweep: Sweep, curves: Mapping[int, RunLines], choice: PlotChoice) -> None:
        """Draw the series of `choice`."""
        self._of = sweep, curves, choice
        metric = metric_of(choice.series[0])
        unit = f", {metric.unit}" if metric.unit else ""
        entitle(self, title=f"{metric.title}{unit}, over steps")
        self.on_resize()

    def on_resize(self) -> None:
        """Draw for the size."""
        width, height = self.size
        if self._of is None or not self.size.area:
            return
        data = sweep_plot(*self._of)
        rows: tuple[Row, ...] = (((" No curve yet; p: the next series", "tick"),),)
        self.show_cells(rows if data is None else draw(data, width, height)[0])
