"""The curves of a comparison, drawn for a terminal as the screen draws its plots."""

from __future__ import annotations

from rich.text import Text

from landerctl.operations.compare.comparison import Comparison
from landerctl.operations.compare.lines import Over
from landerctl.operations.compare.metrics import Metric
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.plotting.compared import compared_plot
from landerctl.tui.plotting.drawing import draw
from landerctl.tui.plotting.legend import LINE_STYLES

HEIGHT = 15
# Lines differ by their dashes and letters too.
_COLOURS = ("cyan", "yellow", "green", "red", "magenta", "bold")
_STYLES = dict(zip(LINE_STYLES, _COLOURS, strict=True)) | {"muted": "dim", "tick": "dim"}


def curve_plot(comparison: Comparison, metric: Metric, over: Over, width: int) -> list[Text]:
    """The lines of a plot of all runs; none if no run has the series."""
    data = compared_plot(comparison, metric, over, PlotChoice((metric.series,)))
    rows = () if data is None else draw(data, width, HEIGHT)[0]
    return [Text.assemble(*((text, _STYLES.get(style, "")) for text, style in row)) for row in rows]


def heading(metric: Metric, over: Over) -> str:
    """What a plot shows."""
    unit = f" ({metric.unit})" if metric.unit else ""
    return f"{metric.title}{unit} over {'steps' if over == 'steps' else 'hours trained'}"
